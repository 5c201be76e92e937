#include "run.hpp"

namespace {

using Table = ctgrad::Tensor<8192, 512>;
using Rows = ctgrad::Tensor<1024, 512>;
using Ids = ctgrad::Index<1024>;
constexpr double table_bytes = 8192 * 512 * 4;
constexpr double row_bytes = 1024 * 512 * 4;

constexpr auto gather = [](auto table, auto ids) { return embedding(table, ids); };
constexpr auto scatter = [](auto rows, auto ids) { return ctgrad::scatter_add<8192, 512>(rows, ids); };

}  // namespace

void bench::add_embedding_kernels() {
  add_program<gather, Table, Ids>("embedding/1024_of_8192x512", {.bytes = 2 * row_bytes});
  add_program<scatter, Rows, Ids>("embedding_scatter/1024_of_8192x512",
                                  {.bytes = table_bytes + 3 * row_bytes});
}
