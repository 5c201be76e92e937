// expect: Parameter<initializer, extents...>: an initializer comes first, as in Parameter<init::
// expect: initializer<3>::is_an_object_that_draws_numbers
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Weight = cg::Parameter<cg::init::glorot_uniform, 3, 4>;
#else
using Weight = cg::Parameter<3, 4>;
#endif

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (Weight, weight));
};
cg::Parameters<Model> parameters{cg::Seed{1}};
