#!/usr/bin/env bash
# Holds that a bucket is compiled where it was said to be: the object of the program's user has none of them and wants all,
# and the object of each bucket has that one alone.
#
# usage: check.sh OBJECT...      those of a program whose user is separate.cpp and whose buckets are NAME_LENGTHxBATCH.cpp
set -euo pipefail

# facts LETTERS OBJECT: how many buckets an object defines (TWVtwv) or wants (U).
facts() { nm -C "$2" | grep -cE " [$1] ctgrad::Bucket<.*>::facts\(\)" || true; }

fail() {
  echo "separate buckets: FAILED: $*"
  exit 1
}

buckets=0 wanted=-1
for object in "$@"; do
  case $object in
    *separate.cpp.*)
      wanted=$(facts U "$object")
      [[ $(facts TWVtwv "$object") == 0 ]] || fail "$object compiles buckets"
      [[ -z $(nm -C "$object" | grep -E 'run_kernel<' || true) ]] || fail "$object compiles kernels"
      ;;
    *x[0-9]*.cpp.*)
      buckets=$((buckets + 1))
      [[ $(facts TWVtwv "$object") == 1 ]] || fail "$object does not have one bucket"
      ;;
  esac
done
[[ $buckets == "$wanted" && $buckets -gt 0 ]] || fail "$wanted buckets are wanted, $buckets have objects"
echo "figure: buckets in objects of their own $buckets of $wanted"
