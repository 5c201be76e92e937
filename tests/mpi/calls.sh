#!/usr/bin/env bash
# usage: calls.sh PROGRAM
#
# Has ranks of MPI make different calls, each in a job of its own, which must end by itself and say why.
set -euo pipefail

program=$(realpath "$1")
# shellcheck source=tests/mpi_environment.sh
source "$(dirname "$0")/../mpi_environment.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
jobs=0

# ends RANKS CODES WORDS ARGUMENT...: the job must end with one of the codes, after a line with the words.
ends() {
  local ranks=$1 codes=$2 words=$3 code=0
  shift 3
  timeout 60 mpirun -n "$ranks" "$program" "$@" >"$folder/out" 2>&1 || code=$?
  if [[ " $codes " != *" $code "* ]] || [[ ! $(cat "$folder/out") =~ $words ]]; then
    echo "$ranks ranks, ${*:-no fault}: expected one of exit codes $codes and '$words', got $code and:"
    cat "$folder/out"
    exit 1
  fi
  jobs=$((jobs + 1))
}

same='all ranks make the same calls, in the same order; the job ends'
for ranks in 2 3 5; do
  last=$((ranks - 1))
  ends "$ranks" 0 ''
  ends "$ranks" 4 'rank 0 caught: the seed: expected the same at all ranks, got 2 at rank '$last', 1 at rank 0' another-seed
  ends "$ranks" 1 "rank $last caught: my own trouble" throws
  ends "$ranks" 1 "(rank $last is at the end of its Ranks, rank [0-9] at a comparison|rank [0-9] is at a comparison \(require_same\), rank $last at the end of its Ranks).*: $same" throws
  ends "$ranks" 1 "rank $last: an exception ends it, and with it the job" throws behind
  ends "$ranks" 1 "at (the end of its Ranks|a gather), .* at (the end of its Ranks|a gather|a comparison \(require_same\)): $same" a-step-less
  ends "$ranks" 1 "rank [0-9] (is )?at a (gather|comparison \(require_same\)).*: $same" another-call
  ends "$ranks" 1 "a gather: rank [0-9] sends (8|2|more) bytes, rank [0-9] expects [82] of it: all ranks have data of the same shapes; the job ends" another-size
  ends "$ranks" 1 "a gather: rank [0-9] sends (8|2|more) bytes, rank [0-9] expects [82] of it: all ranks have data of the same shapes; the job ends" larger
  ends "$ranks" '1 3' '' leaves
done
echo "mpi calls: ok ($jobs jobs ended)"
