#!/usr/bin/env bash
# usage: peers.sh BUILD_DIR [--only CONFIGURATION] [--rounds N] [--threads N] [--march haswell] [--without PEER]...
#
# Times forward passes and training steps of ctgrad and of other frameworks side by side: PyTorch (eager and compiled)
# and libtorch, its C++ library; JAX, Keras on TensorFlow (XLA) and ONNX Runtime (forward alone): all that can be had of
# them, installed into build/peers/venv. BUILD_DIR has bench_peers, for --march haswell bench_peers_haswell. peers/driver/
# compares and times, peers/workers/ has a program for each framework. llm.c is not among them: its model is another one,
# GPT-2, so that losses and gradients cannot be held against these.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:?usage: $0 BUILD_DIR [OPTION...]}")
shift
folder=$PWD/build/peers
python=$folder/venv/bin/python
# What each peer needs, by the name of its file in build/peers/installed. All workers need the first.
readonly COMMON=(numpy safetensors)
declare -rA PACKAGES=([torch]='torch' [jax]='jax' [keras]='tensorflow' [onnx]='onnxruntime onnx')

# install NAME PACKAGE...: once; what pip said is kept.
install() {
  local done=$folder/installed/$1 log=$folder/install-$1.log
  [[ ! -e $done ]] || return 0
  echo "installing ${*:2}"
  "$python" -m pip install --quiet --retries 1 "${@:2}" >"$log" 2>&1 || return 1
  touch "$done"
}

# compile_libtorch: its worker, against the library that came with PyTorch; what the compiler said is kept.
compile_libtorch() {
  local worker=$folder/libtorch_worker library
  if [[ $worker -nt bench/peers/libtorch/main.cpp && $worker -nt bench/peers/serve.cpp ]]; then return; fi
  library=$("$python" -c 'import importlib.util; print(*importlib.util.find_spec("torch").submodule_search_locations)' \
    2>"$folder/libtorch.log") || return 1
  echo "compiling the worker of libtorch"
  g++ -std=c++20 -O2 -w -Iinclude -isystem "$library/include" -isystem "$library/include/torch/csrc/api/include" \
    bench/peers/libtorch/main.cpp bench/peers/serve.cpp \
    -L"$library/lib" -Wl,-rpath,"$library/lib" -ltorch_cpu -lc10 -o "$worker" >"$folder/libtorch.log" 2>&1
}

# wanted NAME OPTION...: whether no --without names all that it brings.
wanted() {
  local options=" ${*:2} "
  options=${options//--without=/--without }
  case $1 in
    torch) wanted torch-eager "${@:2}" || wanted torch-compiled "${@:2}" || wanted libtorch "${@:2}" ;;
    *) [[ $options != *" --without $1 "* ]] ;;
  esac
}

mkdir -p "$folder/installed"
if [[ ! -x $python ]] && ! python3 -m venv "$folder/venv"; then
  echo "bench --peers: there is no Python environment: Debian's package is python3-venv"
  exit 2
fi
if ! install common "${COMMON[@]}"; then
  cat "$folder/install-common.log"
  echo "bench --peers: ${COMMON[*]} cannot be installed, and no peer does without"
  exit 2
fi
for name in torch jax keras onnx; do
  wanted "$name" "$@" || continue
  # shellcheck disable=SC2086  # packages are a list of words
  install "$name" ${PACKAGES[$name]} ||
    echo "bench --peers: ${PACKAGES[$name]} cannot be installed: $(tail -n 1 "$folder/install-$name.log")"
done
if wanted libtorch "$@"; then
  compile_libtorch || echo "bench --peers: the worker of libtorch cannot be compiled: see build/peers/libtorch.log"
fi

PYTHONDONTWRITEBYTECODE=1 exec "$python" bench/peers/driver/main.py "$build" "$folder" "$@"
