#!/usr/bin/env bash
# usage: compile_beside.sh OTHER NAME [BAR]
#
# What compiling costs over this library against that in the folder OTHER, called NAME: the training step of
# compile_chart/encoder.cpp, of this tree's source, with 2 and 12 layers, and each tree's own training example. They are
# compiled in turns, with g++ and clang, flags as in compile_chart.sh; the figure is the median of the turns' ratios of the
# processor's seconds. Exits with 1 above the BAR, 1.05 unless another is given.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly EXAMPLE=examples/03_train_encoder.cpp ENCODER=bench/compile_chart/encoder.cpp ROUNDS=7
other=$1 name=$2 bar=${3:-1.05}
cost=$(mktemp)
trap 'rm -f "$cost"' EXIT

# seconds COMMAND...: of the processor
seconds() {
  /usr/bin/time -f '%U %S' -o "$cost" "$@" -c -o /dev/null
  awk '{ print $1 + $2 }' "$cost"
}

# median: of the numbers on standard input
median() { sort -g | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }

summary='' verdict=ok
for preset in release release-clang; do
  # How the build compiles the example, without a cache, up to its output; and the same over the other library.
  line=$(sed -n "s|^ *\"command\": \"\(.*\) -o [^ ]* -c [^ ]*/$EXAMPLE\".*|\1|p" "build/$preset/compile_commands.json" |
    sed 's|^[^ ]*ccache ||')
  read -ra here <<<"$line"
  read -ra there <<<"${line//"$PWD"/"$other"}"
  compiler=$(basename "${here[0]}")
  for program in example 2 12; do
    ratios=() all_here=() all_there=()
    for ((round = 0; round < ROUNDS; ++round)); do
      if [[ $program == example ]]; then
        all_here+=("$(seconds "${here[@]}" "$EXAMPLE")")
        all_there+=("$(seconds "${there[@]}" "$other/$EXAMPLE")")
      else
        all_here+=("$(seconds "${here[@]}" "$ENCODER" "-DLAYERS=$program")")
        all_there+=("$(seconds "${there[@]}" "$ENCODER" "-DLAYERS=$program")")
      fi
      ratios+=("$(awk -v a="${all_here[-1]}" -v b="${all_there[-1]}" 'BEGIN { print a / b }')")
    done
    ratio=$(printf '%.3f' "$(printf '%s\n' "${ratios[@]}" | median)")
    what="$program layers"
    [[ $program != example ]] || what=$program
    printf '%-12s %-10s %6.1f s, %6.1f s with %s: ratio %s\n' "$compiler" "$what" "$(printf '%s\n' "${all_here[@]}" | median)" \
      "$(printf '%s\n' "${all_there[@]}" | median)" "$name" "$ratio"
    summary+="${summary:+, }$compiler $what $ratio"
    if awk -v a="$ratio" -v b="$bar" 'BEGIN { exit !(a > b) }'; then verdict=MISSED; fi
  done
done
echo "compile-chart --beside $name: times the seconds that it takes: $summary (bar $bar): $verdict"
[[ $verdict == ok ]]
