// expect: BucketedProgram: no argument is Tokens; a function of arrays of known sizes is a Program's
// expect: arguments<.*>::include_Tokens
#include <ctgrad/buckets.hpp>

namespace cg = ctgrad;

struct Twice {
  constexpr auto operator()(const auto& numbers, const auto&...) const { return numbers * 2; }
};

#ifdef CTGRAD_CONTROL
cg::BucketedProgram<cg::Lengths<4>, cg::Batches<2>, Twice{}, cg::Each<cg::Tensor<3>>, cg::Tokens> program;
#else
cg::BucketedProgram<cg::Lengths<4>, cg::Batches<2>, Twice{}, cg::Each<cg::Tensor<3>>> program;
#endif
