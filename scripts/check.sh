# shellcheck shell=bash
# To be sourced by ./dev: `check` and its steps, of which it makes those that it is given.

readonly CHECKS=(lint sanitized threads with_clang with_blas tidy)

# The compile-fail cases run both compilers whatever the preset, so one run of them is enough.
sanitized() { build sanitize && run_tests sanitize --label-exclude 'compile_fail|snippets'; }
threads() { build sanitize-threads && run_tests sanitize-threads; }
# `benchmarks` has those that nothing else builds: bench_passes.
with_clang() { build release-clang --target all benchmarks && run_tests release-clang; }

# Products by a BLAS (CTGRAD_BLAS=ON), every dense one, in the tests that are mostly products and in an installed package.
with_blas() { build release-blas && run_tests release-blas; }

check() {
  local checks=("${CHECKS[@]}") check failed=()
  (($# == 0)) || checks=("$@")
  for check in "${checks[@]}"; do
    if [[ " ${CHECKS[*]} " != *" $check "* ]]; then
      echo "check: no step is called '$check', but: ${CHECKS[*]}"
      return 2
    fi
  done
  need "${BASE[@]}" git clang-16 clang-tidy-16 clang-format-16
  for check in "${checks[@]}"; do
    echo "== $check"
    "$check" || failed+=("$check")
  done
  if ((${#failed[@]})); then
    echo "check: FAILED: ${failed[*]}"
    return 1
  fi
  echo "check: ok: ${checks[*]}"
}
