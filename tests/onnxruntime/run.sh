#!/usr/bin/env bash
# Has programs written as ONNX files, checked by onnx.checker and run by ONNX Runtime, which are installed into
# FOLDER/venv, and compared with what ctgrad computes. Closes with a figure; exits non-zero when it is missed.
#
# usage: run.sh PROGRAM FOLDER [CATCH-ARGUMENT...]
#        PROGRAM writes the files (onnx_export); FOLDER/programs is emptied first
set -euo pipefail

program=$1 folder=$2
shift 2
python=$folder/venv/bin/python
mkdir -p "$folder"
if [[ ! -x $python ]] && ! python3 -m venv "$folder/venv"; then
  echo "onnx: there is no Python environment: Debian's package is python3-venv"
  exit 2
fi
if [[ ! -e $folder/installed ]]; then
  echo 'installing onnx onnxruntime numpy'
  if ! "$python" -m pip install --quiet --retries 1 onnx onnxruntime numpy >"$folder/install.log" 2>&1; then
    tail -n 5 "$folder/install.log"
    echo 'onnx: onnx and onnxruntime cannot be installed'
    exit 2
  fi
  touch "$folder/installed"
fi
rm -rf "$folder/programs"
mkdir "$folder/programs"
CTGRAD_ONNX_FOLDER=$folder/programs "$program" --out "$folder/export.txt" "$@" || { cat "$folder/export.txt" && exit 1; }
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$(dirname "$0")/compare.py" "$folder/programs"
