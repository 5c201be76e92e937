// expect: Program: BOOST_HANA_DEFINE_STRUCT in this struct names another struct
// expect: part<Model, .*members_of_another>::is_named_in_its_own_BOOST_HANA_DEFINE_STRUCT
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Older {
  BOOST_HANA_DEFINE_STRUCT(Older, (cg::nn::Linear<3, 2>, linear));
};
struct Model {
#ifdef CTGRAD_CONTROL
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Linear<3, 2>, linear));
#else
  BOOST_HANA_DEFINE_STRUCT(Older, (cg::nn::Linear<3, 2>, linear));
#endif
};
constexpr auto predict = [](const auto& model, auto x) { return model.linear(x); };
cg::Program<predict, Model, cg::Tensor<3>> program;
