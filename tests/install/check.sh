#!/usr/bin/env bash
# Installs a build of ctgrad and has the project beside this file find it, build with it and run: with what is installed
# and nothing else of this tree. The installed headers must be those of the tree, all of them, and files, not links. Where
# that project has no build type, configuring says so.
#
# usage: check.sh BUILD FOLDER GENERATOR [DEFINITION...]
#        FOLDER is emptied first; DEFINITIONs (-D...) are what the project is configured with: compiler and flags
set -euo pipefail

build=$1 folder=$2 generator=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
prefix=$folder/prefix consumer=$folder/consumer

fail() {
  echo "install: FAILED: $*"
  exit 1
}

rm -rf "$folder"
mkdir -p "$folder"
cmake --install "$build" --prefix "$prefix" >"$folder/install.log"
include=$prefix/$(sed -n 's/^CMAKE_INSTALL_INCLUDEDIR:PATH=//p' "$build/CMakeCache.txt")
diff -r "$here/../../include/ctgrad" "$include/ctgrad" || fail "the installed headers are not those of the tree"
links=$(find "$prefix" -type l)
[[ -z $links ]] || fail "links are installed: $links"
cmp "$here/../../LICENSE" "$(find "$prefix" -name LICENSE)" || fail "the license is not installed"
cmp "$here/../../tools/gdb/ctgrad_printers.py" "$(find "$prefix" -path '*/ctgrad/gdb/*' -name '*.py')" ||
  fail "gdb's printers are not installed"

# README's lines for those without CMake name all options that the target has, but for those of warnings.
while IFS= read -r option; do
  [[ $option == -W* ]] || grep -qF -e "$option" "$here/../../README.md" || fail "README does not name $option"
done < <(cat "$build/options/gnu.txt" "$build/options/clang.txt")

cmake -S "$here" -B "$consumer" -G "$generator" -Wno-dev "-Dctgrad_ROOT=$prefix" "$@" >"$folder/configure.log" 2>&1
grep -q "^ctgrad_DIR:PATH=$prefix/" "$consumer/CMakeCache.txt" || fail "another ctgrad was found"
! grep -q 'CMAKE_BUILD_TYPE is empty' "$folder/configure.log" || fail "it says that this build type is empty"
cmake -S "$here" -B "$folder/untyped" -G "$generator" -Wno-dev "-Dctgrad_ROOT=$prefix" "$@" -DCMAKE_BUILD_TYPE= \
  -DCMAKE_CXX_FLAGS= >"$folder/untyped.log" 2>&1
grep -q 'CMAKE_BUILD_TYPE is empty' "$folder/untyped.log" || fail "it does not say that a build type is empty"
cmake --build "$consumer" >"$folder/build.log" || { cat "$folder/build.log" && fail "the consumer does not compile"; }
# It has a product: a BLAS computes it where the installed build sends every product to one, and never without CTGRAD_BLAS.
read -r blas least < <(sed -n 's/^CTGRAD_BLAS\(_LEAST\)\{0,1\}:[A-Z]*=//p' "$build/CMakeCache.txt" | paste -s -d ' ')
called=$(nm "$consumer/consumer" | grep -cE ' cblas_dgemm(@|$)') || true
case $blas:$least in
  ON:1) ((called == 1)) || fail "CTGRAD_BLAS is ON, but the consumer calls no BLAS" ;;
  OFF:*) ((called == 0)) || fail "CTGRAD_BLAS is OFF, but the consumer calls a BLAS" ;;
esac
"$consumer/consumer" || fail "the consumer's gradient is wrong"
# The package brings the function that gives each bucket of a program a source file: of one of the builds, it takes a while.
if [[ $include == */include ]]; then
  cmake -S "$here/buckets" -B "$folder/buckets" -G "$generator" -Wno-dev "-Dctgrad_ROOT=$prefix" "$@" \
    >"$folder/buckets.log" 2>&1 || { cat "$folder/buckets.log" && fail "buckets are not configured"; }
  cmake --build "$folder/buckets" >"$folder/buckets.log" || { cat "$folder/buckets.log" && fail "buckets do not compile"; }
  "$folder/buckets/search" || fail "a program whose buckets are compiled apart does not run"
fi
# Where the build has found utf8proc, the package has its component.
if grep -q '^ctgrad_UTF8PROC_LIBRARY:FILEPATH=/' "$build/CMakeCache.txt"; then
  cmake -S "$here/tokens" -B "$folder/tokens" -G "$generator" -Wno-dev "-Dctgrad_ROOT=$prefix" "$@" \
    >"$folder/tokens.log" 2>&1 || { cat "$folder/tokens.log" && fail "the package has no component text"; }
  cmake --build "$folder/tokens" >"$folder/tokens.log" || { cat "$folder/tokens.log" && fail "tokens do not compile"; }
  "$folder/tokens/tokens" || fail "a program of the component text gives other tokens"
fi
# Where the build has found MPI, the package has its component.
if grep -q '^MPI_CXX_LIB_NAMES:STRING=.' "$build/CMakeCache.txt"; then
  cmake -S "$here/ranks" -B "$folder/ranks" -G "$generator" -Wno-dev "-Dctgrad_ROOT=$prefix" "$@" \
    >"$folder/ranks.log" 2>&1 || { cat "$folder/ranks.log" && fail "the package has no component mpi"; }
  cmake --build "$folder/ranks" >"$folder/ranks.log" || { cat "$folder/ranks.log" && fail "ranks do not compile"; }
  "$folder/ranks/ranks" || fail "a program of the component mpi does not run"
fi
