// expect: Program: a member of this struct is not in its BOOST_HANA_DEFINE_STRUCT, and would not be trained
// expect: part<Model, .*unlisted_members>::lists_all_its_members
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Model {
#ifdef CTGRAD_CONTROL
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Linear<3, 2>, first), (cg::nn::Linear<2, 2>, second));
  double scale = 2;
#else
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Linear<3, 2>, first));
  cg::nn::Linear<2, 2> second;
  double scale = 2;
#endif
};
constexpr auto predict = [](const auto& model, auto x) { return model.scale * model.second(model.first(x)); };
cg::Program<predict, Model, cg::Tensor<3>> program;
