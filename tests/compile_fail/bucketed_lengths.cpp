// expect: Lengths: numbers of tokens are given from the smallest, of 1 at least, to the largest
// expect: sizes<16(l|L)*, 8(l|L)*>::are_positive_and_ascend
#include <ctgrad/buckets.hpp>

namespace cg = ctgrad;

struct First {
  constexpr auto operator()(const auto& text) const { return text.lengths; }
};

#ifdef CTGRAD_CONTROL
cg::BucketedProgram<cg::Lengths<8, 16>, cg::Batches<1>, First{}, cg::Tokens> program;
#else
cg::BucketedProgram<cg::Lengths<16, 8>, cg::Batches<1>, First{}, cg::Tokens> program;
#endif
