#!/usr/bin/env bash
# Runs every example of a build folder to its bar, on one core each, and prints a table: what it says of itself last,
# seconds of processor, where its report is. Closes with a verdict; exits non-zero if any example missed its bar.
#
# usage: train_all.sh BUILD_FOLDER REPORT_FOLDER [SEED]
set -uo pipefail

build=$1
reports=$2
seed=${3:-1}
mkdir -p "$reports"

rows=()
missed=()

# run NAME PROGRAM [ARGUMENT...]: the program's own output goes to the terminal and to NAME.txt.
run() {
  local name=$1 program=$2 text=$reports/$1.txt verdict=0 seconds
  shift 2
  echo "== $name"
  local TIMEFORMAT='%U'
  seconds=$({ time "$build/$program" "$@" >"$text" 2>"$text.errors"; } 2>&1) || verdict=$?
  cat "$text" "$text.errors"
  ((verdict == 0)) || missed+=("$name")
  rows+=("$(printf '%-24s %8s s  %s' "$name" "$seconds" "$(grep -v "^$" "$text" | tail -n 1)")")
}

# train NAME PROGRAM [ARGUMENT...]: the same with a seed and a report, which must then be there.
train() {
  local report=$reports/$1.html
  rm -f "$report"
  run "$@" --seed "$seed" --report "$report"
  [[ -s $report ]] || missed+=("$1 (no report)")
}

run 00_readme 00_readme
run 01_self_attention 01_self_attention
run 02_gradients 02_gradients
run 07_keras_encoder 07_keras_encoder
run 08_fit_a_line 08_fit_a_line
run 09_digits 09_digits examples/data/digits.txt
train 03_reverse 03_train_encoder --task reverse
train 03_sort 03_train_encoder --task sort
train 04_translate_dates 04_translate_dates
train 05_addition 05_addition
train 06_character_model 06_character_model

echo
echo "seed $seed; seconds are of processor, on one core; reports are in $reports"
printf '%s\n' "${rows[@]}"
if ((${#missed[@]})); then
  echo "examples: MISSED: ${missed[*]}"
  exit 1
fi
echo "examples: ok (${#rows[@]} ran, every one that trains reached its bar and wrote its report)"
