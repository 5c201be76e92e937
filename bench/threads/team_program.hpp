#pragma once

#include "../support/encoder.hpp"

#include <algorithm>

namespace bench {

/// As many shards as docs/cores.md advises: up to 8 samples, while their gradients take no more than 32 MB;
/// else 2.
template <Shape S>
constexpr std::size_t shards_of() {
  constexpr auto most = static_cast<std::size_t>(std::min<cg::Size>(S.batch, 8));
  constexpr std::size_t bytes = cg::Parameters<Model<S>>::size() * sizeof(float);
  return most * bytes <= std::size_t{32} << 20 ? most : std::min<std::size_t>(most, 2);
}

/// How a function of the model runs with a team: in shards of a batch; of a single sample in kernel calls
/// that threads share.
template <class T, Shape S, auto F, class... Arguments>
using TeamProgram =
    std::conditional_t<(S.batch > 1), cg::BasicShardedProgram<T, shards_of<S>(), F, Arguments...>,
                       cg::BasicProgram<T, F, Arguments...>>;

}  // namespace bench
