#!/usr/bin/env bash
# An example that a signal stops in its training saves its model and ends with 128 + the signal, and what it saved can be
# loaded.
#
# usage: stopped_example.sh PROGRAM [ARGUMENT...]
set -euo pipefail

program=$(realpath "$1")
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"$program" "$@" --steps 1000000 --save model >lines.txt 2>errors.txt &
pid=$!
while ! grep -qs '^step' lines.txt && kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
kill -s TERM "$pid"
status=0
wait "$pid" 2>/dev/null || status=$?
pattern="^${program##*/}: stopped at step [0-9]* of 1000000 by SIGTERM; model has the model so far$"
if [[ $status != 143 ]] || ! grep -q "$pattern" errors.txt; then
  printf 'expected status 143 and %s\ngot %s and %s\n' "$pattern" "$status" "$(<errors.txt)"
  exit 1
fi
"$program" "$@" --load model --allow-unlearned >lines.txt
echo "${program##*/}: $(<errors.txt): ok"
