// expect: Parameters: the tree is an array, a struct that lists its members with BOOST_HANA_DEFINE_STRUCT
// expect: part<Model, .*no_tree>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Model {
#ifdef CTGRAD_CONTROL
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Linear<3, 2>, linear));
#else
  cg::nn::Linear<3, 2> linear;
#endif
};
cg::Parameters<Model> parameters{cg::Seed{1}};
