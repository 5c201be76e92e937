#!/usr/bin/env bash
# Parameters that 03_train_encoder saved and loads again give the accuracy that they had, a finished run that is resumed
# takes no step, every file that is asked for is written, the exit status is the verdict, and options and files that do
# not fit are refused by name before anything is trained. A run that a signal stops writes its checkpoint, says so and
# ends with 128 + the signal, and going on from there is as if nothing had stopped it. What cannot be printed fails the
# program.
#
# usage: example_files.sh TRAIN
set -euo pipefail

train=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# accuracy ARGUMENT...: "16.20 % of 12000 tokens of 1000 unseen sequences right"
accuracy() { "$train" --allow-unlearned "$@" | sed -n 's/^reverse: \(.* right\) (bar.*/\1/p'; }

# refused EXPECTED ARGUMENT...: the program must end with 2 and these words.
refused() {
  local expected="03_train_encoder: $1" got status=0
  shift
  got=$("$train" "$@" 2>&1) || status=$?
  if [[ $status != 2 || $got != "$expected"* ]]; then
    printf 'expected status 2 and %s\ngot %s and %s\n' "$expected" "$status" "$got"
    exit 1
  fi
}

# closes STATUS WORDS ARGUMENT...: the program must end with the status, and its last line with the words.
closes() {
  local expected_status=$1 expected=$2 got status=0
  shift 2
  got=$("$train" "$@" 2>&1) || status=$?
  if [[ $status != "$expected_status" || ${got##*$'\n'} != *"$expected" ]]; then
    printf 'expected status %s and a last line with %s\ngot %s and %s\n' "$expected_status" "$expected" "$status" "$got"
    exit 1
  fi
}

# stops SIGNAL: a run that is sent the signal after its first line must end as it should, and its checkpoint must go on.
stops() {
  local status=0 pid said last joined=joined.$1
  rm -f stopped kept lines.txt
  set -m # or SIGINT is ignored in the background
  "$train" --steps 1000000 --report-every 5 --checkpoint stopped --save kept >lines.txt 2>errors.txt &
  pid=$!
  set +m
  while ! grep -qs '^step' lines.txt && kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
  kill -s "$1" "$pid"
  wait "$pid" 2>/dev/null || status=$?
  said=$(<errors.txt)
  last=$(sed -n "s/^03_train_encoder: stopped at step \([0-9]*\) of 1000000 by SIG$1; kept has the parameters so far; --resume \
stopped continues$/\1/p" errors.txt)
  if [[ $status != $((128 + $(kill -l "$1"))) || -z $last || ! -e stopped || ! -e kept ]]; then
    printf 'after SIG%s: got status %s and %s\n' "$1" "$status" "$said"
    exit 1
  fi
  accuracy --steps "$((last + 7))" --resume stopped --save "$joined" >unused
  accuracy --steps "$((last + 7))" --save unbroken >unused
  cmp "$joined" unbroken
  accuracy --steps 0 --load kept >unused
}

# unprinted WORDS REDIRECTION: what goes to such an output fails, but no file is lost or printed into.
unprinted() {
  local status=0
  rm -f whole
  eval '"$train" --steps 1 --allow-unlearned --save whole 2>errors.txt' "$2" || status=$?
  if [[ $status != 2 || $(<errors.txt) != "03_train_encoder: standard output: $1" ]]; then
    printf 'expected status 2 and %s\ngot %s and %s\n' "$1" "$status" "$(<errors.txt)"
    exit 1
  fi
  accuracy --steps 0 --load whole >unused
}

trained=$(accuracy --steps 20 --save parameters --checkpoint checkpoint --checkpoint-every 7)
[[ -n $trained ]]
[[ $(accuracy --steps 0 --load parameters) == "$trained" ]]
[[ $(accuracy --steps 20 --resume checkpoint) == "$trained" ]]
[[ $(accuracy --steps 0) != "$trained" ]]

# A checkpoint is written also where no step is taken.
accuracy --steps 0 --checkpoint untrained >unused
[[ $(accuracy --steps 20 --resume untrained) == "$trained" ]]
accuracy --steps 20 --resume checkpoint --checkpoint again --checkpoint-every 10 >unused
cmp checkpoint again
accuracy --steps 20 --checkpoint due --checkpoint-every 10 >unused
cmp checkpoint due

closes 1 ": NOT LEARNED" --steps 1
closes 0 ": NOT LEARNED" --steps 1 --allow-unlearned
closes 0 " (bar 600 s), seed 1: NOT LEARNED" --steps 1 --allow-unlearned --within 600
closes 1 " (bar 1e-09 s), seed 1: NOT LEARNED, TOO SLOW" --steps 1 --allow-unlearned --within 1e-9

stops INT
stops TERM
stops HUP
unprinted "No space left on device" ">/dev/full"
unprinted "Bad file descriptor" ">&-"
unprinted "Bad file descriptor" ">&- <&-"
mkfifo pipe
exec 9<>pipe 8>pipe 9<&- # 8 writes to what nobody reads
unprinted "Broken pipe" ">&8"

# What a run reads it leaves alone, also where it is called like an unfinished file.
cp checkpoint again.partial
rm again
accuracy --steps 20 --resume again.partial --checkpoint again >unused
cmp checkpoint again.partial
cmp checkpoint again
unfinished=.again.0123456789abcdef.partial
cp checkpoint $unfinished
echo 0123456789abcdef >.again.lock
refused "--resume: expected no file that goes when --checkpoint's is written, got $unfinished; copy it to another name" \
  --resume $unfinished --checkpoint again
cmp checkpoint $unfinished

# A run that cannot write its checkpoints goes on, says so, and fails in the end; its parameters are written.
chmod 600 again
status=0
(ulimit -f 64 && exec "$train" --steps 20 --checkpoint again --checkpoint-every 7) >unused 2>errors || status=$?
[[ $status == 2 && $(<errors) == "step 7: warning: again: writing its new contents: File too large; the run goes on
step 14: warning: again: writing its new contents: File too large; the run goes on
warning: again: writing its new contents: File too large; it is tried once more in the end
03_train_encoder: again: writing its new contents: File too large" ]]
cmp checkpoint again
accuracy --steps 20 --checkpoint again --checkpoint-every 7 >unused
cmp checkpoint again
[[ $(stat -c %a again) == 600 ]]

# A second run of one checkpoint is refused before it begins.
"$train" --steps 1000000 --report-every 1 --checkpoint shared >lines 2>errors &
first=$!
while ! grep -qs '^step' lines && kill -0 "$first"; do sleep 0.02; done
refused "shared: somebody else is writing it and has locked .shared.lock: Resource temporarily unavailable" --checkpoint shared
kill -KILL "$first"
wait "$first" 2>/dev/null || true
accuracy --steps 0 --checkpoint shared >unused
[[ $(find . -name '.shared*' -o -name '.again*') == "" ]]

refused "--seed: expected 1, as checkpoint says, got 2" --resume checkpoint --seed 2
refused "--task: expected reverse, as checkpoint says, got sort" --resume checkpoint --task sort
refused "--learning-rate: expected 0.004, as checkpoint says, got 0.001" --resume checkpoint --learning-rate 0.001
refused "--load: expected no file beside --resume, got parameters" --resume checkpoint --load parameters
refused "parameters: __metadata__: ctgrad.checkpoint: expected '1', got none" --resume parameters
refused "missing: cannot be opened: No such file or directory" --load missing
refused "missing: cannot be opened: No such file or directory" --resume missing
refused "--steps: expected at least 20, as checkpoint says, got 19" --resume checkpoint --steps 19
refused "missing/x: opening the folder missing: No such file or directory" --save missing/x
refused "checkpoint: 149 tensors do not fit" --load checkpoint
refused "missing/x: opening the folder missing: No such file or directory" --checkpoint missing/x
refused "missing/x: opening the folder missing: No such file or directory" --report missing/x
refused "--checkpoint: expected another file than --save's, got ./x" --save x --checkpoint ./x
refused "--report: expected another file than --save's, got x" --save x --report x
refused "--report: expected another file than --checkpoint's, got x" --checkpoint x --report x
refused "--report: expected another file than --load's, got parameters" --load parameters --report parameters
refused "--report: expected another file than --resume's, got checkpoint" --resume checkpoint --report checkpoint
refused "--checkpoint: expected another file than --load's, got parameters" --load parameters --checkpoint parameters
refused "--save: expected another file than --resume's, got checkpoint" --resume checkpoint --save checkpoint
refused "--seed: expected a whole number from 0 to 18446744073709551615, got -1" --seed -1
refused "--checkpoint-every: expected a whole number from 1 to 18446744073709551615, got 0" --checkpoint x --checkpoint-every 0
refused "--checkpoint-every: expected --checkpoint beside it" --checkpoint-every 5 --save x
refused "--within: expected a number above 0, got 0" --within 0
refused '--load: expected no file beside --resume, got \x1B[31m' --load $'\e[31m' --resume checkpoint
rates="expected 0 or a number from 1.401298464324817e-45 to 3.4028234663852886e+38"
refused "--learning-rate: $rates, got 1e39" --learning-rate 1e39
refused "--learning-rate: $rates, got none" --learning-rate ''
refused "--learning-rate: $rates, got nan" --learning-rate nan
refused "--learning-rate: $rates, got 0x10" --learning-rate 0x10
refused "--save: expected a text, got --checkpoint" --save --checkpoint x
refused "--seed: expected once" --seed 1 --seed=1
[[ ! -e x ]]
echo "files of 03_train_encoder: ok ($trained)"
