// expect: BucketedProgram: of grad\(f\) it is not known which results are gradients; take value_and_grad\(f\)
// expect: sharded_function<.*>::says_what_gradients_are
#include <ctgrad/buckets.hpp>

namespace cg = ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Embedding<5, 2>, words));
};
struct Loss {
  constexpr auto operator()(const auto& model, const auto& text) const {
    return text.mean(cg::sum<1>(text.mean_of_tokens(model.words(text.ids))));
  }
};

#ifdef CTGRAD_CONTROL
cg::BucketedProgram<cg::Lengths<4>, cg::Batches<2>, cg::value_and_grad(Loss{}), Model, cg::Tokens> program;
#else
cg::BucketedProgram<cg::Lengths<4>, cg::Batches<2>, cg::grad(Loss{}), Model, cg::Tokens> program;
#endif
