# shellcheck shell=bash
# To be sourced by ./dev: the steps of `check`, each of which may be called by itself there.

# The compile-fail cases run both compilers whatever the preset, so one run of them is enough.
sanitized() { build sanitize && run_tests sanitize --label-exclude 'compile_fail|snippets'; }
threads() { build sanitize-threads && run_tests sanitize-threads; }
# `benchmarks` has those that nothing else builds: bench_passes.
with_clang() { build release-clang --target all benchmarks && run_tests release-clang; }

# Products by a BLAS (CTGRAD_BLAS=ON), every dense one, in the tests that are mostly products and in an installed package.
with_blas() { build release-blas && run_tests release-blas; }

check() {
  need "${BASE[@]}" git clang-16 clang-tidy-16 clang-format-16
  local check failed=()
  for check in lint sanitized threads with_clang with_blas tidy; do
    echo "== $check"
    "$check" || failed+=("$check")
  done
  if ((${#failed[@]})); then
    echo "check: FAILED: ${failed[*]}"
    return 1
  fi
  echo "check: ok (format, file lengths, includes, sanitizers, threads, clang without warnings, products by a BLAS, clang-tidy)"
}
