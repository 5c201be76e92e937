# shellcheck shell=bash
# To be sourced by ./dev: how the tree of sources is built, in figures with their bars.

# The folders of the library, and those below training, where a step can only be a training step.
readonly LIBRARY=(base kernels graph ops passes autodiff plan nn runtime inspect check buckets io onnx train mpi generate report text)
readonly BELOW_TRAINING=(base kernels graph ops passes autodiff plan)

# Words that another one has replaced, since they said what that says or meant two things.
readonly RETIRED='takers?|consumers?|[a-z]+_steps?_(of|by)|(row|column|operand|leading|batch)_steps?|KernelStep|StaticStep|heads_inside'

# lines_of FILE...: how many there are in all.
lines_of() { cat "$@" | wc -l; }

# pairs_of_folders: every folder of the library beside one that its headers include.
pairs_of_folders() {
  local folder
  for folder in "${LIBRARY[@]}"; do
    sources "$folder/*.hpp" | xargs grep -ohE '^ *# *include *<ctgrad/[a-z_]+/' | sed -E "s|.*ctgrad/(.*)/|$folder \1|"
  done | sort -u | awk '$1 != $2'
}

# also_named OPERATION FILE_OR_FOLDER: files of the library that name an operation, or include its header, besides its own.
also_named() {
  local header=${2##*/}
  sources '*.hpp' ':!tests' ':!examples' ':!bench' ':!docs' ":!$2" |
    xargs grep -lE "\b$1\b|<ctgrad/${2%/*}/${header%.hpp}[./]" | paste -sd ' '
}

# figure WHAT FIGURE [BAR]: a row of the table; above the bar the verdict of `tree` is 1.
figure() {
  printf '%-67s %8s%s\n' "$1" "$2" "${3:+   (bar $3)}"
  [[ -z ${3:-} || $2 -le $3 ]] || missed+=("$1")
}

tree() {
  need git
  local missed=() folder files count largest names below=()
  for folder in "${BELOW_TRAINING[@]}"; do below+=("$folder/*.hpp"); done
  count=$(sources "${below[@]}" | xargs grep -hiE '\b[a-z_]*step[a-z_]*' |
    grep -cviE 'training step|random_key\(seed, step|seed of 64 bits and a step' || true)
  figure 'lines below training in which a step is no training step' "$count" 0
  files=()
  for folder in "${LIBRARY[@]}"; do mapfile -t -O ${#files[@]} files < <(sources "$folder/*.hpp"); done
  count=$(cat "${files[@]}" | grep -cwiE "$RETIRED" || true)
  figure 'lines with retired words' "$count" 0
  figure 'circles between folders' "$(pairs_of_folders | tsort 2>&1 >/dev/null | grep -c loop || true)" 0
  figure 'files of the library' "${#files[@]}"
  figure 'lines of one on average' $(($(lines_of "${files[@]}") / ${#files[@]}))
  largest=$(wc -l "${files[@]}" | grep -v total | sort -n | tail -1)
  figure "lines of the largest (${largest##* })" "$(awk '{ print $1 }' <<<"$largest")" 300
  figure 'lines of softmax' "$(lines_of ops/softmax.hpp)"
  figure 'lines of derivatives (push_forward.hpp, transpose.hpp)' "$(lines_of autodiff/push_forward.hpp autodiff/transpose.hpp)"
  figure 'lines of the planner (plan/)' "$(lines_of plan/*.hpp)"
  figure 'lines of it that find memory (free_list, memory, placement)' "$(lines_of plan/{free_list,memory,placement}.hpp)"
  figure 'lines of the unary operations (6 files)' \
    "$(lines_of ops/{powers,exponentials,error_functions,trigonometry,piecewise,activations}.hpp)"
  named_besides Asin ops/trigonometry.hpp
  named_besides InverseDeviation ops/layer_norm.hpp
  named_besides LinearCrossEntropy ops/linear_cross_entropy
  if ((${#missed[@]})); then
    printf -v names '; %s' "${missed[@]}"
    echo "tree: FAILED: ${names#; }"
    return 1
  fi
  echo 'tree: ok'
}

# named_besides OPERATION FILE_OR_FOLDER: a row with the other files that know an operation: those that a new one would touch.
named_besides() {
  local also
  also=$(also_named "$1" "$2")
  figure "files that know $1 besides ${2}" "$(wc -w <<<"$also")" 2
  echo "    $also"
}
