#!/usr/bin/env bash
# usage: compile_chart.sh [--depths 2,12] [--compilers release,release-clang]
#
# What the compiler pays for a network, with g++ and clang: seconds, peak memory, object size without and with -g, and
# the length of the first error where a layer does not fit, for compile_chart/encoder.cpp at growing depth; and the toy
# training example. The flags are those of the release builds, taken from their compile_commands.json (`./dev
# compile-chart` configures both). Seconds are the processor's: those of the clock on an idle machine, and still true on
# a busy one. What takes less than half a minute runs twice, and the lesser counts.
#
# Bars: the example within 20 s; up to 12 layers within 2.0 times, up to 48 within 4.0 times the seconds of 2 layers (of
# the first depth, where 2 is not among them); no compilation above 90 s or 2000 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/compile_fail/first_error.sh

readonly EXAMPLE=examples/03_train_encoder.cpp ENCODER=bench/compile_chart/encoder.cpp
readonly EXAMPLE_BAR=20 SECONDS_BAR=90 MEMORY_BAR=2000 SHORT=30
depths=2,12 presets=release,release-clang
readonly USAGE='usage: ./dev compile-chart [--depths 2,12] [--compilers release,release-clang]'
while (($#)); do
  case $1 in
    --depths=* | --compilers=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
    --depths | --compilers)
      if [[ -z ${2:-} ]]; then echo "compile-chart: $1: expected a list" >&2 && exit 2; fi
      if [[ $1 == --depths ]]; then depths=$2; else presets=$2; fi
      shift 2
      ;;
    *) printf "compile-chart: unknown argument '%s'\n%s\n" "$1" "$USAGE" >&2 && exit 2 ;;
  esac
done
IFS=, read -ra depths <<<"$depths"
IFS=, read -ra presets <<<"$presets"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
verdict=ok

# holds FORMULA: whether it is true, in decimal numbers; notes a missed bar.
holds() { awk "BEGIN { exit !($1) }" || verdict=MISSED; }

ratio_bar() { (($1 <= 12)) && echo 2.0 || echo 4.0; }

# compile_command PRESET: how the build compiles the example, up to its own input and output, without a cache.
compile_command() {
  sed -n "s|^ *\"command\": \"\(.*\) -o [^ ]* -c [^ ]*/$EXAMPLE\".*|\1|p" "build/$1/compile_commands.json" |
    sed 's|^[^ ]*ccache ||'
}

object_kilobytes() { echo $(($(stat -c %s "$folder/object.o") / 1024)); }

# measure COMMAND SOURCE [FLAG...]: prints "seconds megabytes kilobytes", the least of its runs.
measure() {
  local command=$1 run best_seconds='' best_memory='' user system seconds memory
  shift
  for run in 1 2; do
    # shellcheck disable=SC2086  # the command is a list of words
    /usr/bin/time -f '%U %S %M' -o "$folder/cost" $command "${@:2}" -c "$1" -o "$folder/object.o" ||
      { echo "compile-chart: $1 ${*:2} does not compile: MISSED" >&2 && return 1; }
    read -r user system memory <"$folder/cost"
    seconds=$(awk "BEGIN { printf \"%.1f\", $user + $system }")
    if [[ $run == 1 ]] || awk "BEGIN { exit !($seconds < $best_seconds) }"; then best_seconds=$seconds; fi
    if [[ $run == 1 ]] || ((memory < best_memory)); then best_memory=$memory; fi
    awk "BEGIN { exit !($seconds < $SHORT) }" || break
  done
  echo "$best_seconds $((best_memory / 1024)) $(object_kilobytes)"
}

# debug_kilobytes COMMAND SOURCE [FLAG...]: the size of the object with -g.
debug_kilobytes() {
  # shellcheck disable=SC2086
  $1 "${@:3}" -g -c "$2" -o "$folder/object.o"
  object_kilobytes
}

# first_error_length COMMAND SOURCE [FLAG...]: prints "lines bytes" of the first error of a source that is wrong.
first_error_length() {
  # shellcheck disable=SC2086
  ! LC_ALL=C $1 "${@:3}" -fsyntax-only "$2" >"$folder/errors" 2>&1 ||
    { echo "compile-chart: $2 ${*:3} compiles, but must not: MISSED" >&2 && return 1; }
  first_error "$folder/errors" | message_alone | wc -lc
}

# row COMPILER NAME LAYERS SECONDS MEGABYTES KILOBYTES KILOBYTES LINES BYTES
row() { printf '%-8s %-16s %6s %9s %10s %10s %10s %12s %12s\n' "$@"; }

# chart_example COMPILER COMMAND
chart_example() {
  local cost seconds memory object
  cost=$(measure "$2" "$EXAMPLE")
  read -r seconds memory object <<<"$cost"
  row "$1" 03_train_encoder 2 "$seconds" "$memory" "$object" - - -
  holds "$seconds <= $EXAMPLE_BAR"
  summary+=("$1 example ${seconds} s ${memory} MB (bar $EXAMPLE_BAR s)")
}

# chart_encoder COMPILER COMMAND
chart_encoder() {
  local compiler=$1 command=$2 depth cost error seconds memory object debug lines bytes i ratio bar
  local base='' most_memory=0 most_seconds=0 all_seconds=()
  for depth in "${depths[@]}"; do
    cost=$(measure "$command" "$ENCODER" "-DLAYERS=$depth")
    debug=$(debug_kilobytes "$command" "$ENCODER" "-DLAYERS=$depth")
    error=$(first_error_length "$command" "$ENCODER" "-DLAYERS=$depth" -DWRONG_WIDTH)
    read -r seconds memory object <<<"$cost"
    read -r lines bytes <<<"$error"
    row "$compiler" encoder "$depth" "$seconds" "$memory" "$object" "$debug" "$lines" "$bytes"
    all_seconds+=("$seconds")
    if [[ -z $base || $depth == 2 ]]; then base=$seconds; fi
    ((memory <= most_memory)) || most_memory=$memory
    most_seconds=$(awk "BEGIN { print ($seconds > $most_seconds) ? $seconds : $most_seconds }")
  done
  for i in "${!depths[@]}"; do
    bar=$(ratio_bar "${depths[i]}")
    ratio=$(awk "BEGIN { printf \"%.2f\", ${all_seconds[i]} / $base }")
    holds "$ratio <= $bar"
    ((depths[i] < 3)) || summary+=("$compiler ${depths[i]} layers $ratio times (bar $bar)")
  done
  holds "$most_seconds <= $SECONDS_BAR && $most_memory <= $MEMORY_BAR"
  summary+=("$compiler at most $most_seconds s (bar $SECONDS_BAR), $most_memory MB (bar $MEMORY_BAR)")
  summary+=("$compiler first error $lines lines $bytes bytes")
}

row compiler program layers seconds 'memory MB' 'object KB' 'with -g KB' 'error lines' 'error bytes'
summary=()
for preset in "${presets[@]}"; do
  compile=$(compile_command "$preset")
  [[ -n $compile ]] || { echo "compile-chart: build/$preset does not compile $EXAMPLE" >&2 && exit 2; }
  chart_example "$(basename "${compile%% *}")" "$compile"
  chart_encoder "$(basename "${compile%% *}")" "$compile"
done

printf -v line '%s; ' "${summary[@]}"
echo "compile-chart: ${line%; }: $verdict"
[[ $verdict == ok ]]
