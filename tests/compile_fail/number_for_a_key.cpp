// expect: argument for a Key .or another Index<4>. is no number: random_key.seed, step.
// expect: program_argument<.*Array<.*index, 4>, int>::is_a_key
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, auto key) { return cg::sum(cg::dropout(x, 0.5, key)); };

float run(cg::Program<f, cg::Tensor<3>, cg::Key>& program, const xt::xtensor<float, 1>& x) {
#ifdef CTGRAD_CONTROL
  return program(x, cg::random_key(cg::Seed{1}, 7));
#else
  return program(x, 7);
#endif
}
