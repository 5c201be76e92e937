#!/usr/bin/env bash
# usage: peers.sh BUILD_DIR [--only CONFIGURATION] [--rounds N] [--threads N] [--march haswell] [--without PEER]...
#
# Times forward passes and training steps of ctgrad and of other frameworks side by side: PyTorch (eager and compiled),
# JAX, Keras on TensorFlow (XLA) and ONNX Runtime (forward alone), which it installs into build/peers/venv; all that can
# be had. BUILD_DIR has bench_peers, for --march haswell bench_peers_haswell. peers/driver/ compares and times,
# peers/workers/ has a program for each framework.
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

# wanted NAME OPTION...: whether no --without names all that it brings.
wanted() {
  local options=" ${*:2} "
  options=${options//--without=/--without }
  case $1 in
    torch) [[ $options != *' --without torch-eager '* || $options != *' --without torch-compiled '* ]] ;;
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

PYTHONDONTWRITEBYTECODE=1 exec "$python" bench/peers/driver/main.py "$build" "$folder" "$@"
