// expect: BucketedProgram: an argument Tokens is a list of sequences of integers that lie in memory
// expect: given_argument<ctgrad::Tokens, .*>::is_a_list_of_sequences_of_ids
#include <ctgrad/buckets.hpp>

namespace cg = ctgrad;

struct First {
  constexpr auto operator()(const auto& text) const { return text.lengths; }
};

void run(cg::BucketedProgram<cg::Lengths<4>, cg::Batches<2>, First{}, cg::Tokens>& program) {
#ifdef CTGRAD_CONTROL
  program.run(std::vector<std::vector<int>>{{1, 2}});
#else
  program.run(std::vector<int>{1, 2});
#endif
}
