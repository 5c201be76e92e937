#!/usr/bin/env bash
# Runs 10_sentences for the small model of tests/reference/sentence_model as a person would, and looks at what it prints,
# writes and refuses.
#
# usage: check.sh PROGRAM
set -euo pipefail

model=$(realpath "$(dirname "$0")/../../reference/sentence_model")
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

sentences() { "$program" --model "$model" "$@"; }

# expect WORDS FILE: FILE holds a line that is like these words.
expect() {
  grep -q -- "$1" "$2" && return
  printf 'expected a line like "%s" in\n' "$1"
  cat "$2"
  exit 1
}

# refuses WORDS ARGUMENT...: the program ends with 2 and says these words, and prints nothing.
refuses() {
  local status=0
  "$program" "${@:2}" >printed 2>said </dev/null || status=$?
  if [[ $status != 2 || -s printed ]]; then
    printf 'expected status 2 and nothing printed, got %s for %s\n' "$status" "${*:2}"
    cat printed said
    exit 1
  fi
  expect "$1" said
}

printf 'the cat sat on the mat\ntwo men\r\na cat sat on a mat\n' >texts.txt

sentences 'A cat sat.' 'a cat sat .' 'two men' >table
expect '^   1  1.0000  1.0000  0.[0-9]*  A cat sat.$' table
sentences <texts.txt >lines
expect '^   2 .* 1.0000 .*  two men$' lines
sentences --file texts.txt --neighbours 1 >neighbours
expect '^   0.[0-9]*  3  a cat sat on a mat$' neighbours
sentences --file texts.txt --json --npy vectors.npy >vectors.jsonl
expect '^{"text":"two men","ids":\[2,31,32,3\],"embedding":\[[-0-9.,e]*\]}$' vectors.jsonl
[[ $(wc -c <vectors.npy) == $((128 + 3 * 8 * 4)) && $(wc -l <vectors.jsonl) == 3 ]]
sentences --summary -- '--json' 'a' >summary
expect '^ *8 *1 .* 2 *2 *8 *50.0 %' summary

mkdir notes
printf 'The cat sat.\n\nTwo men play.\n' >notes/one.txt
sentences --index notes.index --folder notes --search 'two men play.' --best 1 >found
expect '^notes.index: 2 passages of 1 files, of which 0 are as they were$' found
expect '^1.0000  one.txt:3  Two men play.$' found
sentences --index notes.index --search 'the CAT sat.' --best 1 >found
expect '^1.0000  one.txt:1  The cat sat.$' found
printf 'more\n' >>notes/one.txt
sentences --index notes.index --search 'the cat sat.' --best 1 >found
expect '^1.0000  one.txt:1  (the file has changed since)$' found

for i in {1..20}; do
  printf 'the big cat %s,"the big, cat",5\nthe cat,two men play %s,1\n' "$i" "$i"
done >pairs.csv
sentences --train pairs.csv --steps 2000 --save head.safetensors >trained || { cat trained && exit 1; }
expect '^classifier of pairs: .* (bar 20): ok$' trained
sentences --load head.safetensors 'the big cat' 'the big cat' 'the cat' 'two men play' >judged
expect '^similar *[5-9][0-9.]* %  the big cat | the big cat$' judged
expect '^similar *[0-4]\{0,1\}[0-9].[0-9] %  the cat | two men play$' judged

refuses '^10_sentences: --model: expected the folder of a model, got none' a
refuses 'config.json: cannot be opened' --model .
refuses '^10_sentences: --neighbours: expected no --json beside it' --model "$model" --neighbours 1 --json a b
refuses '^10_sentences: --file: expected no texts beside it' --model "$model" --file texts.txt a
refuses '^10_sentences: --index: expected --folder or --search beside it' --model "$model" --index notes.index
refuses '^10_sentences: texts: expected at least one, got none' --model "$model"
refuses '^10_sentences: --load: expected texts in pairs, got 1 of them' --model "$model" --load head.safetensors a
refuses '^10_sentences: text 2: ' --model "$model" a $'b\xFF'
refuses '^10_sentences: --npy: expected another file than --file' --model "$model" --file texts.txt --npy texts.txt
refuses '^10_sentences: missing/x: opening' --model "$model" --npy missing/x a
refuses '^10_sentences: texts: expected at most 40 for a table of similarities, got 41' --model "$model" {1..41}
refuses 'pairs.csv: is no safetensors file' --model "$model" --index pairs.csv --search a
