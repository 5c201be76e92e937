#!/usr/bin/env bash
# Runs the fuzzers, two at a time. Inputs that reach new code are kept in FOLDER/corpus and begun with the next time; one
# that breaks a promise or a sanitizer's rule ends its fuzzer, and is kept in FOLDER/found. Closes with a verdict; exits
# non-zero unless every fuzzer ran to its end and found nothing.
#
# usage: run.sh FOLDER [--seconds N] [--only NAME]
#        FOLDER holds the programs fuzz_NAME; N is for each of them
set -euo pipefail

cd "$1"
shift
seconds=60 only=
while (($# > 1)); do
  case $1 in
    --seconds) seconds=$2 ;;
    --only) only=$2 ;;
    *) break ;;
  esac
  shift 2
done
if (($#)) || [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "fuzz: cannot read ${*:---seconds $seconds}" >&2
  exit 2
fi

names=()
for program in fuzz_*; do
  if [[ -x $program && ( -z $only || $program == "fuzz_$only" ) ]]; then names+=("${program#fuzz_}"); fi
done
if ((!${#names[@]})); then
  echo "fuzz: no fuzzer is called '$only'" >&2
  exit 2
fi

# Checkpoints are written as well: into memory, where there is a folder of it.
if [[ -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi

fuzz() {
  mkdir -p "corpus/$1" "found/$1"
  rm -f "found/$1"/*
  "./fuzz_$1" -max_total_time="$seconds" -max_len=1000 -timeout=20 -report_slow_units=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="found/$1/" "corpus/$1" >"found/$1.log" 2>&1 || true
}

for name in "${names[@]}"; do
  while (($(jobs -rp | wc -l) >= 2)); do wait -n; done
  fuzz "$name" &
done
wait

executions=0 findings=0
for name in "${names[@]}"; do
  log=found/$name.log
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  taken=$(sed -n 's/^inputs taken: *//p' "$log")
  edges=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  found=$(find "found/$name" -type f | wc -l)
  if ! grep -q '^#[0-9]*\sDONE' "$log" && ((!found)); then found=1; fi
  if ((found)); then grep -aE -m 5 'BROKEN|ERROR|runtime error|SUMMARY' "$log" || tail -n 5 "$log"; fi
  printf '%-12s %10s executions, %8s inputs taken, %6s edges, %d findings\n' \
    "$name" "${runs:-0}" "${taken:-0}" "${edges:-0}" "$found"
  executions=$((executions + ${runs:-0})) findings=$((findings + found))
done

verdict=ok
if ((findings)); then verdict=FAILED; fi
echo "fuzz: $verdict (${#names[@]} fuzzers, $seconds s each, $executions executions, $findings findings)"
((!findings))
