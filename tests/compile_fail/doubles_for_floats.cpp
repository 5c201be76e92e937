// expect: array argument has elements of the program.s scalar .* xt::xtensor<float, 2> converted
// expect: program_argument<.*double.*has_elements_of<float>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::sum(x); };

#ifdef CTGRAD_CONTROL
using Numbers = xt::xtensor<float, 1>;
#else
using Numbers = xt::xtensor<double, 1>;
#endif
float run(cg::Program<f, cg::Tensor<3>>& program, const Numbers& numbers) { return program(numbers); }
