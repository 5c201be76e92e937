// expect: Parameters: a tensor of the model is no Parameter<initializer, extents...>
// expect: parameter<.*Array<.*3, 4>.*has_an_initializer
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Weight = cg::Parameter<cg::init::glorot_uniform, 3, 4>;
#else
using Weight = cg::Tensor<3, 4>;
#endif

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (Weight, weight));
};
cg::Parameters<Model> parameters{cg::Seed{1}};
