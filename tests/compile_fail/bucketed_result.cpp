// expect: BucketedProgram: the function's result differs between buckets by more than its rows
// expect: has_results_like_the_first_one
#include <ctgrad/buckets.hpp>

namespace cg = ctgrad;

struct Ids {
  constexpr auto operator()(const auto& text) const {
    const auto ids = cg::as_real(text.ids);
#ifdef CTGRAD_CONTROL
    return text.each_token(ids);
#else
    return ids;
#endif
  }
};

cg::BucketedProgram<cg::Lengths<4, 8>, cg::Batches<2>, Ids{}, cg::Tokens> program;
