#!/usr/bin/env bash
# usage: compile_buckets.sh [PRESET...]      release and release-clang, unless others are named
#
# What the compiler pays for a program of five buckets, an encoder of sentences: in one file, and with a file for each
# bucket and one for what uses them. Processor seconds, peak memory and the object's size, by the flags of the preset's
# compile_commands.json (`./dev compile-chart --buckets` configures both).
#
# Bar: a bucket, and what uses it, within 20 s each.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly SOURCE=bench/compile_chart/buckets.cpp EXAMPLE=examples/03_train_encoder.cpp BAR=20
presets=("$@")
((${#presets[@]})) || presets=(release release-clang)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
verdict=ok summary=()

# compile_command PRESET: how the build compiles the example, up to its own input and output, without a cache.
compile_command() {
  sed -n "s|^ *\"command\": \"\(.*\) -o [^ ]* -c [^ ]*/$EXAMPLE\".*|\1|p" "build/$1/compile_commands.json" |
    sed 's|^[^ ]*ccache ||'
}

# measure COMMAND [FLAG...]: prints "seconds megabytes kilobytes".
measure() {
  local user system memory
  # shellcheck disable=SC2086  # the command is a list of words
  /usr/bin/time -f '%U %S %M' -o "$folder/cost" $1 "${@:2}" -c "$SOURCE" -o "$folder/object.o" ||
    { echo "compile-buckets: $SOURCE ${*:2} does not compile: MISSED" >&2 && return 1; }
  read -r user system memory <"$folder/cost"
  awk "BEGIN { printf \"%.1f %d %d\n\", $user + $system, $memory / 1024, $(stat -c %s "$folder/object.o") / 1024 }"
}

printf '%-8s %-22s %9s %10s %10s\n' compiler file seconds 'memory MB' 'object KB'
for preset in "${presets[@]}"; do
  compile=$(compile_command "$preset")
  [[ -n $compile ]] || { echo "compile-buckets: build/$preset does not compile $EXAMPLE" >&2 && exit 2; }
  compiler=$(basename "${compile%% *}") most=0
  for part in whole user 16 32 64 128 256; do
    case $part in
      whole) flags=() name='all buckets' ;;
      user) flags=(-DUSER) name='what uses them' ;;
      *) flags=("-DBUCKET=$part") name="the bucket of $part" ;;
    esac
    cost=$(measure "$compile" "${flags[@]}")
    read -r seconds memory object <<<"$cost"
    printf '%-8s %-22s %9s %10s %10s\n' "$compiler" "$name" "$seconds" "$memory" "$object"
    if [[ $part == whole ]]; then
      summary+=("$compiler whole $seconds s $memory MB")
    else
      most=$(awk "BEGIN { print ($seconds > $most) ? $seconds : $most }")
    fi
  done
  awk "BEGIN { exit !($most <= $BAR) }" || verdict=MISSED
  summary+=("at most $most s a file (bar $BAR)")
done
printf -v line '%s; ' "${summary[@]}"
echo "compile-buckets: ${line%; }: $verdict"
[[ $verdict == ok ]]
