# shellcheck shell=bash
# To be sourced by ./dev: what `lint` and `check` hold of sources without running them.

readonly LINES_BAR=300

# What the headers of a folder, and of the folders in it, may include beside those of their own.
declare -rA KNOWS=(
  [base]=''
  [kernels]='base'
  [graph]='base'
  [ops]='base graph kernels'
  [passes]='base graph ops'
  [autodiff]='base graph ops passes'
  [plan]='base graph ops passes'
  [nn]='base graph ops'
  [runtime]='base graph kernels ops passes autodiff plan'
  [inspect]='base graph ops passes autodiff plan runtime'
  [check]='base graph autodiff runtime'
  [buckets]='base kernels autodiff plan nn runtime inspect'
  [io]='base runtime'
  [onnx]='base graph kernels ops passes runtime io'
  [text]='base io'
  [train]='base kernels runtime io'
  [mpi]='base runtime'
  [generate]='base runtime nn'
  [report]='base graph ops passes autodiff plan runtime inspect io'
)

formatted() { sources '*.hpp' '*.cpp' | xargs -r clang-format-16 --dry-run -Werror; }

short() {
  local file lines long=0
  while IFS= read -r file; do
    lines=$(wc -l <"$file")
    if ((lines > LINES_BAR)); then
      echo "$file has $lines lines (bar $LINES_BAR)"
      long=1
    fi
  done < <(sources '*.hpp' '*.cpp' '*.sh' '*.cmake' '*CMakeLists.txt' '*.awk' dev .ci/run tests/*/check)
  return $long
}

# Whether the library's headers include each other as KNOWS says.
one_way() {
  local header line included from known verdict=0
  while IFS=: read -r header line included; do
    included=${included#*[<\"]} included=${included%%[>\"]*} included=${included#ctgrad/}
    from=${header%%/*} known="${header%%/*} ${KNOWS[${header%%/*}]-}"
    if [[ " $known " != *" ${included%%/*} "* ]]; then
      echo "$header:$line: includes $included, but $from/ may include only: $known"
      verdict=1
    fi
  done < <(sources '*/*.hpp' ':!include' ':!tests' ':!examples' ':!bench' |
    xargs grep -nE '^ *# *include *("|<ctgrad/)')
  return $verdict
}

# Whether every header that ctgrad.hpp lists stands behind those that it includes, and whether the umbrella of a folder
# names all headers of it.
ordered() {
  local folder header verdict=0
  sources '*/*.hpp' ':!include' ':!tests' ':!examples' ':!bench' | xargs grep -E '^ *# *include *<ctgrad/' |
    sed -E 's/^([^:]*):.*<ctgrad\/(.*)>.*/\1 \2/' |
    awk -v list=include/ctgrad/ctgrad.hpp '
      function visit(header, of,    i, n, next_ones) {
        if (seen[header] == of) return
        seen[header] = of
        if (place[header] > place[of]) {
          printf "%s: %s stands before %s, which it includes\n", list, of, header
          verdict = 1
        }
        n = split(included[header], next_ones)
        for (i = 1; i <= n; ++i) visit(next_ones[i], of)
      }
      { included[$1] = included[$1] " " $2 }
      END {
        while ((getline line < list) > 0)
          if (line ~ /^#include/) { gsub(/.*<ctgrad\/|>.*/, "", line); listed[++count] = line; place[line] = count }
        for (i = 1; i <= count; ++i) visit(listed[i], listed[i])
        exit verdict
      }' || verdict=1
  for folder in inspect check buckets io onnx train generate report text; do
    while IFS= read -r header; do
      if ! grep -qF "<ctgrad/$header>" "include/ctgrad/$folder.hpp"; then
        echo "include/ctgrad/$folder.hpp: does not include $header"
        verdict=1
      fi
    done < <(sources "$folder/*.hpp")
  done
  return $verdict
}

# Of every source that the build should know; the others are compiled by scripts, some of them to fail.
tidy() {
  local commands=build/release-clang/compile_commands.json files unknown
  files=$(sources 'tests/*.cpp' 'examples/*.cpp' 'bench/*.cpp' \
    ':!tests/compile_fail' ':!tests/options' ':!tests/install' ':!tests/fuzz' ':!tests/same_bits' \
    ':!bench/compile_chart' ':!bench/peers/libtorch')
  unknown=$(grep -vxFf <(sed -n "s|^ *\"file\": \"$PWD/\(.*\)\".*|\1|p" "$commands") <<<"$files") || true
  if [[ -z $files || -n $unknown ]]; then
    printf 'tidy: not in %s: %s\n' "$commands" "${unknown:-any source}"
    return 1
  fi
  xargs -P 2 -n 1 nice clang-tidy-16 -p build/release-clang --quiet <<<"$files" 2>&1 |
    sed '/^[0-9]* warnings\{0,1\} generated\.$/d'
}

lint() {
  need git clang-format-16
  local verdict=0
  formatted || verdict=1
  short || verdict=1
  one_way || verdict=1
  ordered || verdict=1
  return $verdict
}
