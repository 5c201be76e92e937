#!/usr/bin/env bash
# Trains an example alone and as three processes of MPI, which must print the same losses and save the same model; and has
# them refuse what they do not agree on.
#
# usage: ranks_example.sh EXAMPLE [ARGUMENT...]
set -euo pipefail

example=$(realpath "$1")
shift
# shellcheck source=tests/mpi_environment.sh
source "$(dirname "$0")/mpi_environment.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "ranks: FAILED: $1"
  cat alone.txt ranks.txt errors.txt 2>/dev/null || true
  exit 1
}

"$example" "$@" --save alone.safetensors >alone.txt
mpirun -n 3 "$example" "$@" --save ranks.safetensors >ranks.txt 2>errors.txt || fail "it ended with $?"
grep '^step' alone.txt >losses.txt || fail "no losses were printed"
grep '^step' ranks.txt | cmp -s - losses.txt || fail "other losses, or not one rank's alone"
cmp -s alone.safetensors ranks.safetensors || fail "another model was saved"

# shellcheck disable=SC2016  # it is the rank that knows its number
mpirun -n 2 sh -c '"$0" --seed 1$OMPI_COMM_WORLD_RANK "$@"' "$example" "$@" >ranks.txt 2>errors.txt &&
  fail "ranks of different seeds were not refused"
grep -q ': arguments: expected the same at all ranks, got --seed 11 .* at rank 1, --seed 10 ' errors.txt ||
  fail "other words for ranks of different seeds"
mpirun -n 2 "$example" "$@" --report missing/x >ranks.txt 2>errors.txt && fail "a file in no folder was not refused"
grep -q ': missing/x: opening' errors.txt || fail "other words for a file in no folder"
echo "ranks: ok ($(wc -l <losses.txt) losses and a model equal)"
