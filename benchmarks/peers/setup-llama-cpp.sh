#!/usr/bin/env bash
# Builds llama-server and llama-batched-bench from the llama.cpp source that the installed node-llama-cpp carries: the
# very version of the prebuilt libraries.
#
#   setup-llama-cpp.sh CACHE_FOLDER
#
# No CPU kernels are built (GGML_CPU=OFF): the programs load the prebuilt ones, as Sluice does, so that both sides run
# the same machine code. With GGML_BACKEND_DL a program takes the best `libggml-cpu-*.so` in the folder it is started in.
# One soname without a version lets those libraries share the program's own libggml-base.
set -euo pipefail

cache=$1
here=$(cd "$(dirname "$0")" && pwd)
bundle=$here/node_modules/node-llama-cpp/llama/gitRelease.bundle
source=$cache/llama.cpp
build=$cache/llama-build

if [[ ! -f $bundle ]]; then
  echo "no llama.cpp source at $bundle: run 'npm ci --ignore-scripts' in $here first" >&2
  exit 2
fi
mkdir -p "$cache"
[[ -d $source ]] || git clone --quiet -c advice.detachedHead=false "$bundle" "$source"

cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_FLAGS=-march=native -DCMAKE_CXX_FLAGS=-march=native \
  -DBUILD_SHARED_LIBS=ON -DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON -DGGML_BACKEND_DL=ON -DGGML_CPU=OFF \
  -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
  -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF
cmake --build "$build" --parallel "${JOBS:-$(nproc)}" --target llama-server llama-batched-bench
