// expect: constant: so many numbers belong into an input of the program, or into a parameter
// expect: constant_array_of<2000>::at_most_1024_numbers
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr std::array<float, 20> numbers{};
#else
constexpr std::array<float, 2000> numbers{};
#endif
constexpr auto f = [](auto x) { return x * cg::constant<numbers>(); };
cg::Program<f, cg::Tensor<>> program;
