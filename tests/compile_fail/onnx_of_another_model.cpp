// expect: the parameters are of another model than the program.s first argument
// expect: parameters_of<.*Wide, .*Narrow>::the_first_argument
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/onnx/save.hpp>

namespace cg = ctgrad;

struct Narrow {
  BOOST_HANA_DEFINE_STRUCT(Narrow, (cg::nn::Linear<2, 3>, head));
  constexpr auto operator()(auto x) const { return head(x); }
};
struct Wide {
  BOOST_HANA_DEFINE_STRUCT(Wide, (cg::nn::Linear<3, 2>, tail));
};
#ifdef CTGRAD_CONTROL
using Other = Narrow;
#else
using Other = Wide;
#endif

constexpr auto f = [](const auto& model, auto x) { return model(x); };

void save(const cg::Parameters<Other>& parameters) {
  cg::onnx::save<cg::Program<f, Narrow, cg::Tensor<4, 2>>>("f.onnx", parameters);
}
