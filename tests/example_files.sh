#!/usr/bin/env bash
# Parameters that 03_train_encoder saved and loads again give the accuracy that they had, a finished run that is resumed
# takes no step, and files that do not fit the options are refused by name before anything is trained.
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

trained=$(accuracy --steps 20 --save parameters --checkpoint checkpoint --checkpoint-every 7)
[[ -n $trained ]]
[[ $(accuracy --steps 0 --load parameters) == "$trained" ]]
[[ $(accuracy --steps 20 --resume checkpoint) == "$trained" ]]
[[ $(accuracy --steps 0) != "$trained" ]]

refused "--seed: expected 1, as checkpoint says, got 2" --resume checkpoint --seed 2
refused "--task: expected reverse, as checkpoint says, got sort" --resume checkpoint --task sort
refused "--learning-rate: expected 0.004, as checkpoint says, got 0.001" --resume checkpoint --learning-rate 0.001
refused "--load: expected no file beside --resume, got parameters" --resume checkpoint --load parameters
refused "parameters: __metadata__: ctgrad.checkpoint: expected '1', got none" --resume parameters
refused "missing: file: expected a readable file, got No such file or directory" --load missing
refused "missing/x: opening missing/x.partial: No such file or directory" --save missing/x
refused "checkpoint: 149 tensors do not fit" --load checkpoint
refused "missing/x: opening missing/x.partial: No such file or directory" --checkpoint missing/x
echo "files of 03_train_encoder: ok ($trained)"
