# shellcheck shell=bash
# To be sourced by ./dev: `bench` and what it measures. Each measurement is a function and a row of the case below.

bench() {
  need "${BASE[@]}"
  case ${1:-} in
    --beside) bench_beside "${@:2}" ;;
    --passes) bench_program bench_passes "${@:2}" ;;
    --kernels) bench_kernels "${@:2}" ;;
    --peers) bench_peers "${@:2}" ;;
    --profile) bench_program bench_profile "${@:2}" ;;
    --bf16) bench_to build/bench_bf16.json bench_bf16 "${@:2}" ;;
    --attention) bench_attention "${@:2}" ;;
    --blas) bench_blas "${@:2}" ;;
    --threads | --threads=*) bench_threads "$@" ;;
    --ranks | --ranks=*) bench_ranks "$@" ;;
    --latency) bench_to build/bench_latency.json bench_latency "${@:2}" ;;
    *) bench_to build/bench.json bench_step "$@" ;;
  esac
}

# bench_program TARGET [ARGUMENT...]: builds a program and runs it.
bench_program() {
  build release --target "$1"
  "build/release/$1" "${@:2}"
}

# bench_to FILE TARGET [ARGUMENT...]: the same; its figures go to FILE, unless the arguments name another (--json).
bench_to() {
  local json=(--json "$1") argument
  for argument in "${@:3}"; do
    if [[ $argument == --json* ]]; then json=(); fi
  done
  bench_program "$2" "${json[@]}" "${@:3}"
}

# bench_threads --threads N,N... [--peers] [ARGUMENT...]: with --peers also the other frameworks, at the last of these
# numbers of threads; that comes last.
bench_threads() {
  local arguments=() argument peers=0 list=${1#--threads} verdict=ok
  list=${list#=}
  [[ -n $list ]] || list=${2:-}
  for argument in "$@"; do
    if [[ $argument == --peers ]]; then peers=1; else arguments+=("$argument"); fi
  done
  bench_to build/bench_threads.json bench_threads "${arguments[@]}" || verdict=MISSED
  if ((peers)); then bench_peers --threads "${list##*,}" || verdict=MISSED; fi
  [[ $verdict == ok ]]
}

# bench_ranks --ranks N,N... [ARGUMENT...]: as many processes as the largest of these numbers.
bench_ranks() {
  local list=${1#--ranks} most
  list=${list#=}
  [[ -n $list ]] || list=${2:-1,2}
  most=$(tr ',' '\n' <<<"$list" | sort -n | tail -1)
  need "${MPI[@]}"
  build release --target bench_ranks
  # shellcheck source=tests/mpi_environment.sh
  source tests/mpi_environment.sh
  mpirun -n "$most" build/release/bench_ranks --json build/bench_ranks.json "$@"
}

# The libraries that products are compared with; where they cannot be had, the programs say so.
readonly PRODUCT_PEERS=(libopenblas0-pthread libdnnl2)

# bench_kernels [--only CONFIGURATION]: matrix products at three widths of vectors, each by a program of its own whose last
# line says how it went; those lines come again at the end. Without arguments other kernels come first; there are no bars
# for them.
bench_kernels() {
  need "${PRODUCT_PEERS[@]}" || true
  local programs=(bench_products) program summaries='' verdict=ok
  [[ $(uname -m) != x86_64 ]] || programs+=(bench_products_256 bench_products_128)
  build release --target "${programs[@]}"
  (($#)) || bench_other_kernels
  for program in "${programs[@]}"; do
    "build/release/$program" --json "build/$program.json" "$@" | tee "build/$program.txt" || verdict=MISSED
    summaries+="$(tail -1 "build/$program.txt")"$'\n'
  done
  printf '\n%sbench --kernels: %s\n' "$summaries" "$verdict"
  [[ $verdict == ok ]]
}

# bench_blas [--only CONFIGURATION]: products by our kernels and by a BLAS in turns; then the steps of small and base, or of
# that configuration, without and with CTGRAD_BLAS=ON. Its verdict is that of the products, which comes last.
bench_blas() {
  local configurations=(small base) configuration verdict=0
  if [[ ${1:-} == --only ]]; then
    if [[ -z ${2:-} ]]; then echo "bench --blas --only: say which configuration" >&2 && exit 2; fi
    configurations=("$2")
  fi
  build release --target bench_blas bench_step bench_step_blas
  build/release/bench_blas --json build/bench_blas.json "$@" >build/bench_blas.txt || verdict=$?
  sed '$d' build/bench_blas.txt
  for configuration in "${configurations[@]}"; do
    { bench/beside.sh build/release/bench_step_blas build/release/bench_step "our kernels alone" "$configuration" || true; } |
      sed '$d'
  done
  tail -1 build/bench_blas.txt
  return $verdict
}

# bench_attention [ARGUMENT...]: PyTorch takes part where bench_peers has installed it.
bench_attention() {
  build release --target bench_attention
  bench/attention.sh build/release --json build/bench_attention.json "$@"
}

# bench_peers [ARGUMENT...]: the frameworks are Python's, in an environment of their own under build/peers.
bench_peers() {
  need python3-venv
  local target=bench_peers
  if [[ " $* " =~ haswell ]]; then target=bench_peers_haswell; fi
  if [[ " $* " =~ ' --threads'[=\ ]0*([2-9]|1[0-9]) ]]; then target=bench_peers_shards; fi
  build release --target "$target"
  bench/peers.sh build/release "$@"
}

bench_other_kernels() {
  if need libbenchmark-dev; then
    bench_program bench_kernels --benchmark_out=build/bench_kernels.json
  else
    echo 'without Google Benchmark: no other kernels than products'
  fi
}

# unpack_beside COMMAND COMMIT: makes `other` a folder with the commit's tree and `name` its short name, for a command
# that is given the commit behind --beside.
unpack_beside() {
  need git
  if [[ -z $2 ]]; then echo "$1 --beside: say which commit" >&2 && exit 2; fi
  if ! name=$(git rev-parse --quiet --verify --short "$2^{commit}" 2>/dev/null); then
    echo "$1 --beside: no commit is called '$2'" >&2
    exit 2
  fi
  other=$PWD/build/beside/$name
  rm -rf "$other"
  mkdir -p "$other"
  git archive "$name" | tar -x -C "$other"
}

# bench_beside COMMIT [CONFIGURATION]: both programs are of this tree's source; only the library differs.
bench_beside() {
  local name other
  unpack_beside bench "${1:-}"
  cmake --preset release -Wno-dev -DCTGRAD_BESIDE="$other" >/dev/null
  cmake --build --preset release --target bench_step bench_step_beside
  bench/beside.sh build/release/bench_step build/release/bench_step_beside "$name" "${@:2}"
}
