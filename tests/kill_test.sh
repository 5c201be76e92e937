#!/usr/bin/env bash
# Kills a training run with SIGKILL at random moments, most of them during or close to the writing of a checkpoint, and
# lets it go on from its checkpoint each time. Every loss that any part of it prints must be that of a run that nobody
# killed, digit for digit, and so must the parameters at the end, bit for bit; no checkpoint may be unreadable. Closes
# with a verdict; exits non-zero if any of it does not hold. With --ranks the run is that many processes of MPI, of which
# one at random is killed; a random number up to that, 1 or another power of two, goes on.
#
# usage: kill_test.sh TRAIN [--kills N] [--steps N] [--seed N] [--ranks N] [--damage PROGRAM]
#        TRAIN is 03_train_encoder; PROGRAM, train_checkpoint_damage, is run first and must succeed
set -euo pipefail

train=$(realpath "$1")
shift
# shellcheck source=tests/mpi_environment.sh
source "$(dirname "$0")/mpi_environment.sh"
kills=10 steps=600 seed=$((SRANDOM % 1000000)) damage='' ranks=0
while (($# > 1)); do
  case $1 in
    --kills) kills=$2 ;;
    --steps) steps=$2 ;;
    --seed) seed=$2 ;;
    --ranks) ranks=$2 ;;
    --damage) damage=$(realpath "$2") ;;
    *) break ;;
  esac
  shift 2
done
if (($#)); then
  echo "kill_test.sh: cannot read $*" >&2
  exit 2
fi
log_ranks=0
while ((1 << (log_ranks + 1) <= ranks)); do log_ranks=$((log_ranks + 1)); done
RANDOM=$seed
echo "seed: $seed"

folder=$(mktemp -d)
pid=
trap 'if [[ -n $pid ]]; then kill -TERM "$pid" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "kill test: FAILED: $* (seed $seed)"
  exit 1
}

# run ARGUMENT...: becomes a part of the run, from the checkpoint if there is one; what it prints goes to part.txt.
run() {
  if [[ -e checkpoint ]]; then set -- --resume checkpoint "$@"; fi
  local launcher=()
  ((ranks == 0)) || launcher=(mpirun -n "$now")
  exec "${launcher[@]}" "$train" --steps "$steps" --seed "$seed" --report-every 5 --allow-unlearned \
    --checkpoint checkpoint --checkpoint-every 1 "$@" >part.txt 2>errors.txt
}

# draw_ranks: says of how many ranks the next part of the run is.
draw_ranks() { now=$((1 << (RANDOM % (log_ranks + 1)))); }

# kill_one: kills the run, or one of its ranks, which are children of what started them.
kill_one() {
  local children=()
  if ((ranks == 0)); then
    kill -KILL "$pid" 2>/dev/null || true
    return
  fi
  while ((${#children[@]} == 0)) && kill -0 "$pid" 2>/dev/null; do
    mapfile -t children < <(pgrep -P "$pid" -f "^$train" || true)
  done
  ((${#children[@]} == 0)) || kill -KILL "${children[RANDOM % ${#children[@]}]}" 2>/dev/null || true
}

# collect: adds the losses of a part to those before; where it took steps again, they must be the same.
collect() {
  local other
  grep '^step' part.txt >>parts.txt || true
  sort -u parts.txt >joined.txt
  other=$(comm -23 joined.txt unbroken.txt)
  [[ -z $other ]] || fail "not in the unbroken run: $other"
}

# pause: up to twice as long as a run would live if the kills were spread over it.
pause() {
  local milliseconds=$(((RANDOM * 32768 + RANDOM) % (2 * unbroken_milliseconds / (kills + 1) + 1)))
  sleep "$((milliseconds / 1000)).$(printf '%03d' $((milliseconds % 1000)))"
}

if [[ -n $damage ]]; then
  "$damage" >damage.txt || { cat damage.txt && fail "a damaged checkpoint"; }
  grep '^figure:' damage.txt
fi

now=$ranks
begin=$(date +%s%N)
(run --save unbroken.safetensors) || fail "the unbroken run: $(cat errors.txt)"
unbroken_milliseconds=$((($(date +%s%N) - begin) / 1000000))
grep '^step' part.txt | sort >unbroken.txt
rm checkpoint

killed=0 writing=0 numbers=''
: >parts.txt
while ((killed < kills)); do
  draw_ranks
  run &
  pid=$!
  pause
  kill_one
  status=0
  wait "$pid" 2>/dev/null || status=$?
  pid=
  collect
  case $status in
    137)
      killed=$((killed + 1)) numbers+=" $now"
      if compgen -G '.checkpoint.*.partial' >/dev/null; then writing=$((writing + 1)); fi
      ;;
    0) rm checkpoint ;; # it reached its end: once more from the beginning
    *) fail "after $killed kills a run ended with $status: $(cat errors.txt)" ;;
  esac
done
draw_ranks
(run --save joined.safetensors) || fail "the last run: $(cat errors.txt)"
collect
cmp joined.txt unbroken.txt || fail "losses are missing"
cmp joined.safetensors unbroken.safetensors || fail "the parameters at the end differ"
left=$(compgen -G '.checkpoint.*') || true
[[ -z $left ]] || fail "the last run left $left"

figures="$kills kills, $writing of them while a checkpoint was being written; $(wc -l <joined.txt) of"
figures+=" $(wc -l <unbroken.txt) losses and all parameters equal"
((ranks == 0)) || figures+="; one of$numbers ranks killed, $now at the end, $ranks in the unbroken run"
if [[ -n $damage ]]; then
  figures+="; $(sed -n 's/^figure: //p' damage.txt | paste -sd '|' | sed 's/|/; /g')"
else
  echo "figure: kill test: $figures"
fi
echo "kill test: ok ($figures)"
