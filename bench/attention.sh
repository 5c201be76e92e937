#!/usr/bin/env bash
# usage: attention.sh BUILD_DIR [--longest N] [--json FILE]
#
# Times attention forward and backward on one core: by the kernel that keeps no scores, by plain products, and, where
# `./dev bench --peers` has installed it, by PyTorch's scaled_dot_product_attention. BUILD_DIR has bench_attention.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:?usage: $0 BUILD_DIR [OPTION...]}")
shift
python=build/peers/venv/bin/python
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1

if [[ -x $python ]] && "$python" -c 'import torch' 2>/dev/null; then
  exec "$python" bench/attention/driver.py "$build/bench_attention" "$@"
fi
echo "bench --attention: PyTorch is not there (./dev bench --peers installs it): without it"
exec "$build/bench_attention" "$@"
