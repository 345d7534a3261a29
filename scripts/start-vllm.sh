#!/usr/bin/env bash
# Starts `vllm serve` with the settings of .env, so that `sluice bench --schedulers vllm` finds it.
#
#   scripts/start-vllm.sh [MORE vllm serve OPTIONS...]
#
# Read from the environment, else from .env in the current folder: LLM_MODEL, VLLM_HOST, VLLM_PORT, GPU_MEMORY_UTIL.
set -euo pipefail

fail() {
  echo "start-vllm: $1" >&2
  exit 2
}

# Prints a setting: the environment's value, else .env's, else the default.
setting() {
  local name=$1 default=$2 line
  if [[ -n ${!name:-} ]]; then
    echo "${!name}"
    return
  fi
  line=$([[ -f .env ]] && grep -E "^(export )?$name=" .env | tail -1 || true)
  line=${line#*=}
  line=${line%%[[:space:]]#*}
  line=$(sed -E "s/[[:space:]]+$//; s/^([\"'])(.*)\1$/\2/" <<<"$line")
  echo "${line:-$default}"
}

model=$(setting LLM_MODEL gpt2)
host=$(setting VLLM_HOST 127.0.0.1)
port=$(setting VLLM_PORT 8000)
memory=$(setting GPU_MEMORY_UTIL 0.9)

[[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 65535 ]] || fail "VLLM_PORT must be 1 to 65535, got '$port'"
[[ $memory =~ ^(0?\.[0-9]*[1-9][0-9]*|1(\.0*)?)$ ]] || fail "GPU_MEMORY_UTIL must be above 0 and at most 1, got '$memory'"
command -v vllm >/dev/null || fail "found no vllm command: install it ('pip install vllm') and activate its environment"

if command -v nvidia-smi >/dev/null && gpus=$(nvidia-smi --query-gpu=name,memory.total --format=csv,noheader 2>/dev/null); then
  cuda=${gpus//$'\n'/; }
  options=(--gpu-memory-utilization "$memory")
else
  cuda="none found: this needs vLLM's CPU build, and GPU_MEMORY_UTIL has no effect"
  options=()
fi

cat <<SETTINGS
vLLM server
  model            $model
  address          http://$host:$port
  GPU memory share $memory
  CUDA device      $cuda
SETTINGS

exec vllm serve "$model" --host "$host" --port "$port" "${options[@]}" "$@"
