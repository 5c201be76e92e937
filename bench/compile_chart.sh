#!/usr/bin/env bash
# usage: compile_chart.sh [--depths 2,12]
#
# What the compiler pays for a network, with g++ and clang: seconds, peak memory and object size of the toy training
# example, and of compile_chart/encoder.cpp at growing depth. The flags are those of the release builds, taken from
# their compile_commands.json (`./dev compile-chart` configures both). Each compilation runs twice, the lesser counts.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly EXAMPLE=examples/03_train_encoder.cpp ENCODER=bench/compile_chart/encoder.cpp
readonly SECONDS_BAR=20 RATIO_BAR=2.0
depths=2,12
while (($#)); do
  case $1 in
    --depths) depths=$2 && shift 2 ;;
    --depths=*) depths=${1#*=} && shift ;;
    *) echo "usage: $0 [--depths 2,12]" >&2 && exit 2 ;;
  esac
done
IFS=, read -ra depths <<<"$depths"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
verdict=ok

# holds FORMULA: whether it is true, in decimal numbers; notes a missed bar.
holds() { awk "BEGIN { exit !($1) }" || verdict=MISSED; }

# compile_command PRESET: how the build compiles the example, up to its own input and output.
compile_command() {
  sed -n "s|^ *\"command\": \"\(.*\) -o [^ ]* -c [^ ]*/$EXAMPLE\".*|\1|p" "build/$1/compile_commands.json"
}

# measure COMMAND SOURCE [FLAG...]: prints "seconds megabytes kilobytes", the least of two runs.
measure() {
  local command=$1 run best_seconds='' best_memory='' seconds memory
  shift
  for run in 1 2; do
    # shellcheck disable=SC2086  # the command is a list of words
    /usr/bin/time -f '%e %M' -o "$folder/cost" $command "${@:2}" -c "$1" -o "$folder/object.o" ||
      { echo "compile-chart: $1 ${*:2} does not compile: MISSED" >&2 && return 1; }
    read -r seconds memory <"$folder/cost"
    if [[ $run == 1 ]] || awk "BEGIN { exit !($seconds < $best_seconds) }"; then best_seconds=$seconds; fi
    if [[ $run == 1 ]] || ((memory < best_memory)); then best_memory=$memory; fi
  done
  echo "$best_seconds $((best_memory / 1024)) $(($(stat -c %s "$folder/object.o") / 1024))"
}

# row COMPILER NAME LAYERS SECONDS MEGABYTES KILOBYTES
row() { printf '%-8s %-16s %6s %9s %11s %10s\n' "$@"; }

row compiler program layers seconds 'memory MB' 'object KB'
summary=()
for preset in release release-clang; do
  compile=$(compile_command "$preset")
  [[ -n $compile ]] || { echo "compile-chart: build/$preset does not compile $EXAMPLE" >&2 && exit 2; }
  compiler=$(basename "${compile%% *}")

  cost=$(measure "$compile" "$EXAMPLE")
  read -r seconds memory object <<<"$cost"
  row "$compiler" 03_train_encoder 2 "$seconds" "$memory" "$object"
  holds "$seconds <= $SECONDS_BAR"
  summary+=("$compiler example ${seconds} s ${memory} MB (bar $SECONDS_BAR s)")

  least='' most=''
  for depth in "${depths[@]}"; do
    cost=$(measure "$compile" "$ENCODER" "-DLAYERS=$depth")
    read -r seconds memory object <<<"$cost"
    row "$compiler" encoder "$depth" "$seconds" "$memory" "$object"
    least=${least:-$seconds} most=$seconds
  done
  ratio=$(awk "BEGIN { printf \"%.2f\", $most / $least }")
  holds "$ratio <= $RATIO_BAR"
  summary+=("ratio ${depths[-1]}:${depths[0]} $ratio (bar $RATIO_BAR)")
done

printf -v line '%s, ' "${summary[@]}"
echo "compile-chart: ${line%, }: $verdict"
[[ $verdict == ok ]]
