#!/usr/bin/env bash
# usage: shards.sh PROGRAM [--threads N...] [--ranks N...] [--steps N]
#
# Trains with so many threads at so many ranks, all combinations, and compares every bit of the losses and of the
# parameters at the end: those of one thread at one rank are what all others must give.
set -euo pipefail

program=${1:?usage: $0 PROGRAM [--threads N...] [--ranks N...] [--steps N]}
shift
threads=(1 2 3 8) ranks=(1 2 4) steps=200
while (($#)); do
  case $1 in
    --steps) steps=${2:?--steps: how many} && shift 2 ;;
    --threads | --ranks)
      declare -n list=${1#--}
      list=()
      shift
      while (($#)) && [[ $1 != --* ]]; do list+=("$1") && shift; done
      ;;
    *) echo "same-bits --shards: what is '$1'?" >&2 && exit 2 ;;
  esac
done

# shellcheck source=tests/mpi_environment.sh
source "$(dirname "$0")/../mpi_environment.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" 1 "$steps" >"$folder/first"
lines=$(wc -l <"$folder/first") equal=0 tried=0 verdict=ok
for n in "${ranks[@]}"; do
  for t in "${threads[@]}"; do
    tried=$((tried + 1))
    mpirun -n "$n" "$program" "$t" "$steps" >"$folder/other"
    if cmp -s "$folder/first" "$folder/other"; then
      equal=$((equal + 1))
      printf '%d ranks of %d threads: %d losses and hashes, all bits as one thread alone\n' "$n" "$t" "$lines"
    else
      verdict=MISSED
      printf '%d ranks of %d threads differ first at: %s\n' "$n" "$t" \
        "$(diff "$folder/first" "$folder/other" | sed -n '2p;/^>/{p;q}' | paste -sd ' ')"
    fi
  done
done
printf 'same-bits --shards: %d of %d combinations of threads and ranks give the losses of one thread over %d steps of three trainings, and its parameters: %s\n' \
  "$equal" "$tried" "$steps" "$verdict"
[[ $verdict == ok ]]
