#!/usr/bin/env bash
# usage: run.sh OPTIONS_FOLDER [--targets NAME...] [--steps N]
#
# Trains with programs of several compilers for several processors and compares every bit of their losses: those of the
# first target are what all others must give. OPTIONS_FOLDER has gnu.txt and clang.txt, the options that come with ctgrad.
# Programs for other processors run under qemu.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly ALL=(g++-native g++-haswell g++-128 clang-native clang-haswell g++-aarch64)
options=$(realpath "${1:?usage: $0 OPTIONS_FOLDER [--targets NAME...] [--steps N]}")
shift
steps=100 targets=()
while (($#)); do
  case $1 in
    --steps) steps=${2:?--steps: how many} && shift 2 ;;
    --targets)
      shift
      while (($#)) && [[ $1 != --* ]]; do targets+=("$1") && shift; done
      ;;
    *) echo "same-bits: what is '$1'?" >&2 && exit 2 ;;
  esac
done
((${#targets[@]})) || targets=("${ALL[@]}")

folder=$PWD/build/same_bits
mkdir -p "$folder/include"
# The headers of these libraries are the same for all processors; those of the C library beside them are not.
for library in xtensor xtl boost nlohmann; do ln -sfn "/usr/include/$library" "$folder/include/$library"; done
[[ ! -d /usr/include/xsimd ]] || ln -sfn /usr/include/xsimd "$folder/include/xsimd"

# compile TARGET: the program of that name.
compile() {
  local command=() file=gnu
  case $1 in
    g++-native) command=(g++ -march=native) ;;
    g++-haswell) command=(g++ -march=haswell) ;;
    g++-128) command=(g++ -march=haswell -DCTGRAD_VECTOR_BYTES=16) ;;
    clang-native) command=(clang++-16 -march=native) file=clang ;;
    clang-haswell) command=(clang++-16 -march=haswell) file=clang ;;
    g++-aarch64) command=(aarch64-linux-gnu-g++ -static) ;;
    *) echo "same-bits: no target is called '$1'; there are ${ALL[*]}" >&2 && return 2 ;;
  esac
  "${command[@]}" -std=c++20 -O3 -DNDEBUG -w "@$options/$file.txt" -Iinclude -Itests -isystem "$folder/include" \
    -DCTGRAD_REFERENCE_DIR="\"$PWD/tests/reference\"" tests/same_bits/losses.cpp -o "$folder/$1"
}

# losses_of TARGET
losses_of() {
  if [[ $1 == *aarch64 ]]; then
    qemu-aarch64-static "$folder/$1" "$steps"
  else
    "$folder/$1" "$steps"
  fi
}

equal=0 verdict=ok first=${targets[0]}
for target in "${targets[@]}"; do
  compile "$target"
  losses_of "$target" >"$folder/$target.txt"
  if cmp -s "$folder/$first.txt" "$folder/$target.txt"; then
    ((++equal))
    printf '%-14s %s losses, all bits as %s\n' "$target" "$(wc -l <"$folder/$target.txt")" "$first"
  else
    verdict=MISSED
    printf '%-14s differs first at: %s\n' "$target" \
      "$(diff "$folder/$first.txt" "$folder/$target.txt" | sed -n '2p;/^>/{p;q}' | paste -sd ' ')"
  fi
done
printf 'same-bits: %d of %d targets give the losses of %s over %d steps of three trainings: %s\n' "$equal" \
  "${#targets[@]}" "$first" "$steps" "$verdict"
[[ $verdict == ok ]]
