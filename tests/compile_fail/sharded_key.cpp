// expect: ShardedProgram: an Index<4> is a Key, random_key
// expect: sharded_program_argument<.*>::is_a_key
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, auto key) { return cg::mean(cg::dropout(x, 0.5, key)); };

void run(const xt::xtensor<float, 2>& x, [[maybe_unused]] const xt::xtensor<std::int32_t, 1>& ids) {
  cg::ShardedProgram<2, f, cg::Tensor<8, 3>, cg::Key> program;
#ifdef CTGRAD_CONTROL
  program(x, cg::random_key(cg::Seed{1}, 0));
#else
  program(x, ids);
#endif
}
