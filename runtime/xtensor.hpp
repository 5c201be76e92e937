#pragma once

/// The parts of xtensor that stand at the boundary. Later versions moved headers.
#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#else
#include <xtensor/xadapt.hpp>
#endif

#include <ctgrad/graph/shape.hpp>

#include <array>

namespace ctgrad::runtime {

template <std::size_t Rank>
constexpr std::array<std::size_t, Rank> xtensor_shape(const Shape& shape) {
  std::array<std::size_t, Rank> extents{};
  for (std::size_t axis = 0; axis < Rank; ++axis)
    extents[axis] = static_cast<std::size_t>(shape[static_cast<int>(axis)]);
  return extents;
}

/// Memory seen as an xtensor of static rank; owns nothing, allocates nothing.
template <std::size_t Rank, class T>
auto adapt(T* data, const Shape& shape) {
  return xt::adapt(data, static_cast<std::size_t>(shape.size()), xt::no_ownership(),
                   xtensor_shape<Rank>(shape));
}

/// Memory seen as an xtensor whose rank is known at run time.
template <class T>
auto adapt_any(T* data, const Shape& shape) {
  xt::svector<std::size_t, 4> extents;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
  return xt::adapt(data, static_cast<std::size_t>(shape.size()), xt::no_ownership(), extents);
}

}  // namespace ctgrad::runtime
