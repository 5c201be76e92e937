// expect: Program: an argument is an array, a struct that lists its members with BOOST_HANA_DEFINE_STRUCT
// expect: part<Head, .*no_tree>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Head {
#ifdef CTGRAD_CONTROL
  BOOST_HANA_DEFINE_STRUCT(Head, (cg::nn::Linear<3, 2>, linear));
#else
  cg::nn::Linear<3, 2> linear;
#endif
};
struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (Head, head));
};
constexpr auto loss = [](const auto& model, auto x) { return cg::sum(model.head.linear(x)); };
cg::Program<cg::grad(loss), Model, cg::Tensor<3>> program;
