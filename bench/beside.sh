#!/usr/bin/env bash
# usage: beside.sh THIS BESIDE NAME [ONLY]
#
# Times two builds of bench_step in turns, round after round, and prints how long a training step takes with THIS one
# against BESIDE, which was built over the library called NAME: the median of the rounds' ratios, and their quartiles.
set -euo pipefail

readonly BAR=1.02
this=$1 beside=$2 name=$3 only=${4:-}

# Rounds, and runs in each turn: --runs counts runs of toy, of which the larger configurations make a part.
declare -rA ROUNDS=([toy]=61 [toy-1]=61 [seed]=61 [seed-32]=41 [small]=31 [base]=9)
declare -rA RUNS=([toy]=100 [toy-1]=200 [seed]=80 [seed-32]=40 [small]=40 [base]=60)

milliseconds() { "$1" --only "$2" --only-steps --runs "${RUNS[$2]}" | sed -n "s/^$2 *\([0-9.]*\) ms a step.*/\1/p"; }

# quartiles: of the numbers on standard input
quartiles() {
  sort -g | awk '{ x[NR] = $1 } function at(q) { return x[int(q * (NR - 1) + 1.5)] }
    END { printf "%.4f %.4f %.4f", at(.25), at(.5), at(.75) }'
}

readonly CONFIGURATIONS=(toy toy-1 seed seed-32 small base)
summary='' verdict=ok
for configuration in "${CONFIGURATIONS[@]}"; do
  [[ -z $only || $only == "$configuration" ]] || continue
  ratios=() here=() there=()
  for ((round = 0; round < ROUNDS[$configuration]; ++round)); do
    # The one that begins has the cooler machine: they take turns in that too.
    if ((round % 2)); then
      here+=("$(milliseconds "$this" "$configuration")")
      there+=("$(milliseconds "$beside" "$configuration")")
    else
      there+=("$(milliseconds "$beside" "$configuration")")
      here+=("$(milliseconds "$this" "$configuration")")
    fi
    ratios+=("$(awk -v a="${here[-1]}" -v b="${there[-1]}" 'BEGIN { print a / b }')")
  done
  read -r low ratio high < <(printf '%s\n' "${ratios[@]}" | quartiles && echo)
  read -r _ median_here _ < <(printf '%s\n' "${here[@]}" | quartiles && echo)
  read -r _ median_there _ < <(printf '%s\n' "${there[@]}" | quartiles && echo)
  printf '%-8s %10.4f ms a step, %10.4f with %s: ratio %s (quartiles %s to %s, %d rounds)\n' \
    "$configuration" "$median_here" "$median_there" "$name" "$ratio" "$low" "$high" "${ROUNDS[$configuration]}"
  summary+="${summary:+, }$configuration $ratio"
  if awk -v a="$ratio" -v b="$BAR" 'BEGIN { exit !(a > b) }'; then verdict=MISSED; fi
done
if [[ -z $summary ]]; then
  echo "bench --beside: no configuration is called '$only', but: ${CONFIGURATIONS[*]}" >&2
  exit 2
fi
printf 'bench --beside %s: one core: times the step that it has: %s (bar %s): %s\n' "$name" "$summary" "$BAR" "$verdict"
[[ $verdict == ok ]]
