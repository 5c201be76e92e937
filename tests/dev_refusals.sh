#!/usr/bin/env bash
# What ./dev refuses: it says why in words of its own, ends with 2 and has done nothing before.
#
# usage: dev_refusals.sh
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r dev scripts "$folder"
mkdir "$folder/build"
git init -q "$folder"
touch "$folder/build/kept"

# refuses WORDS ARGUMENT...: whether ./dev with these arguments ends with 2 and these last words, and removes nothing.
refuses() {
  local status=0 said
  "$folder/dev" "${@:2}" >"$folder/output" 2>"$folder/errors" || status=$?
  said=$(tail -1 "$folder/errors")
  if [[ $status != 2 || $said != "$1" || ! -e $folder/build/kept ]]; then
    printf './dev %s: expected status 2 and %s\ngot %s and %s\n' "${*:2}" "$1" "$status" "$said"
    exit 1
  fi
}

export CTGRAD_NO_INSTALL=1
for command in clean lint tree docs format snippets onnx fault-test team-test; do
  refuses "./dev $command takes no arguments, but got '--help'" "$command" --help
done
refuses "./dev clean takes no arguments, but got 'build'" clean build release
refuses "./dev: no command is called 'frobnicate'" frobnicate
refuses 'compile-chart --beside: say which commit' compile-chart --beside
refuses "compile-chart --beside: no commit is called 'nowhere'" compile-chart --beside nowhere
refuses 'bench --beside: say which commit' bench --beside
refuses "bench --beside: no commit is called 'nowhere'" bench --beside nowhere
refuses "sentences --check: expected a CSV file of two sentences and a score a line, got 'nowhere'" sentences --check nowhere
echo 'dev: every refusal says why: ok'
