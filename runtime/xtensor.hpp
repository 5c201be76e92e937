#pragma once

/// The parts of xtensor that stand at the boundary. Later versions moved headers.
#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#else
#include <xtensor/xadapt.hpp>
#endif

#include <ctgrad/base/shape.hpp>

#include <array>

#if __cplusplus > 201703L && XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR <= 24
/// These versions know only in C++17 that a shape whose rank is found at run time is no array of 4 extents:
/// `xt::eval(parameters["weight"] + 1)` would have rank 4, and be read behind its end.
template <>
struct xt::detail::xtype_for_shape<xt::dynamic_shape<std::size_t>> {
  template <class T, layout_type L>
  using type = xarray<T, L>;
};
#endif

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

/// Extents of a shape whose rank is known at run time.
using DynamicExtents = xt::dynamic_shape<std::size_t>;
inline DynamicExtents dynamic_extents(const Shape& shape) {
  DynamicExtents extents;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
  return extents;
}

}  // namespace ctgrad::runtime
