// expect: vjp: integers, masks and keys have no derivative; choose arguments without them
// expect: argument<1, .*Array<.*index, 4> ?>::is_real
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, auto key) { return cg::sum(cg::dropout(x, 0.5, key)); };

#ifdef CTGRAD_CONTROL
constexpr auto pulled = cg::vjp<0>(f);
#else
constexpr auto pulled = cg::vjp<1>(f);
#endif
cg::Program<pulled, cg::Tensor<3>, cg::Key, cg::Tensor<>> program;
