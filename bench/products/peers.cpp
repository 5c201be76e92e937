#include "peers.hpp"

#include <dlfcn.h>

#include <cstdlib>

namespace bench {

namespace {

using CblasSgemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                            const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
using DnnlSgemm = int (*)(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                          float alpha, const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                          float beta, float* c, std::int64_t ldc);

CblasSgemm cblas_sgemm = nullptr;
DnnlSgemm dnnl_sgemm = nullptr;

/// The distances between stored rows.
Size stride_of_left(const MatmulShape& s) { return s.transpose_left ? s.rows : s.inner; }
Size stride_of_right(const MatmulShape& s) { return s.transpose_right ? s.inner : s.columns; }

void multiply_by_openblas(const MatmulShape& s, float* c, const float* a, const float* b) {
  constexpr int row_major = 101;
  constexpr int as_stored = 111;
  constexpr int transposed = 112;
  cblas_sgemm(row_major, s.transpose_left ? transposed : as_stored,
              s.transpose_right ? transposed : as_stored, static_cast<int>(s.rows),
              static_cast<int>(s.columns), static_cast<int>(s.inner), 1, a,
              static_cast<int>(stride_of_left(s)), b, static_cast<int>(stride_of_right(s)),
              s.accumulate ? 1.F : 0.F, c, static_cast<int>(s.columns));
}

void multiply_by_onednn(const MatmulShape& s, float* c, const float* a, const float* b) {
  dnnl_sgemm(s.transpose_left ? 'T' : 'N', s.transpose_right ? 'T' : 'N', s.rows, s.columns, s.inner, 1, a,
             stride_of_left(s), b, stride_of_right(s), s.accumulate ? 1.F : 0.F, c, s.columns);
}

/// Opens the first of these files that is there, into `file`; gives null if none is.
void* open_first(std::initializer_list<const char*> files, std::string& file) {
  for (const char* name : files) {
    file = name;
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

/// A function of a library, null if there is none.
template <class Function>
Function find(void* library, const char* name) {
  return library == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(library, name));
}

Peer open_openblas() {
  Peer peer{"OpenBLAS", "not on this machine (libopenblas.so.0)"};
  std::string file;
  void* library = open_first({"libopenblas.so.0", "libopenblas.so"}, file);
  cblas_sgemm = find<CblasSgemm>(library, "cblas_sgemm");
  if (cblas_sgemm == nullptr) return peer;
  peer.multiply = multiply_by_openblas;
  peer.details = file;
  if (const auto core = find<const char* (*)()>(library, "openblas_get_corename"))
    peer.details += std::string(", kernels for ") + core();
  return peer;
}

Peer open_onednn(const char* instructions) {
  Peer peer{"oneDNN", "not on this machine (libdnnl.so.2 or .3)"};
  std::string file;
  void* library = open_first({"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"}, file);
  dnnl_sgemm = find<DnnlSgemm>(library, "dnnl_sgemm");
  if (dnnl_sgemm == nullptr) return peer;
  peer.multiply = multiply_by_onednn;
  peer.details = file + ", up to " + instructions;
  return peer;
}

}  // namespace

std::vector<Peer> open_peers([[maybe_unused]] int bits) {
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  setenv("OMP_NUM_THREADS", "1", 1);
  const char* instructions = "what the processor has";
#if defined(__x86_64__)
  // OpenBLAS takes kernels of twenty years ago for a processor that is newer than it is.
  const char* core = __builtin_cpu_supports("avx512bf16") ? "Cooperlake" : "SkylakeX";
  if (bits < 512) {
    core = bits == 256 ? "Haswell" : "Nehalem";
    instructions = bits == 256 ? "AVX2" : "SSE41";
    setenv("DNNL_MAX_CPU_ISA", instructions, 1);
  }
  setenv("OPENBLAS_CORETYPE", core, 0);
#endif
  return {open_openblas(), open_onednn(instructions)};
}

}  // namespace bench
