// expect: xt::adapt\(vector, \{rows, columns\}\) a shape to a std::vector
// expect: program_argument<.*Array<.*real, 3>, std::vector<float.*>::is_an_array_in_memory
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::sum(x); };

float run(cg::Program<f, cg::Tensor<3>>& program, const std::vector<float>& numbers) {
#ifdef CTGRAD_CONTROL
  return program(xt::adapt(numbers, std::array<std::size_t, 1>{3}));
#else
  return program(numbers);
#endif
}
