// expect: save the Program of the function, not its DoubleProgram
// expect: program_in<double>::float_as_files_hold_it
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/onnx/save.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::sum(x); };

#ifdef CTGRAD_CONTROL
using Scalar = float;
#else
using Scalar = double;
#endif
void save() { cg::onnx::save<cg::BasicProgram<Scalar, f, cg::Tensor<3>>>("f.onnx"); }
