// expect: the gradients are of another model than the parameters
// expect: parameters_of<.*Narrow.*take_gradients_of.*Wide
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Narrow {
  BOOST_HANA_DEFINE_STRUCT(Narrow, (cg::nn::Linear<2, 3>, head));
};
struct Wide {
  BOOST_HANA_DEFINE_STRUCT(Wide, (cg::nn::Linear<3, 2>, tail));
};
#ifdef CTGRAD_CONTROL
using Other = Narrow;
#else
using Other = Wide;
#endif

void update(cg::Sgd<float>& sgd, cg::Parameters<Narrow>& parameters,
            const cg::ValueAndGradients<float, cg::Gradients<Other>>& result) {
  sgd.update(parameters, result);
}
