#pragma once

#include <ctgrad/kernels/lanes.hpp>

#include <utility>

/// Reductions of rows side by side. A row is read in runs of 16 numbers, each of which is combined into a
/// lane of its own; in the end the lanes are combined in one tree. A run is one vector or several, so that
/// results have the same bits whatever the width of the vectors.
///
///     row  x0 x1 ... x15 | x16 x17 ... x31 | x32 x33        lane 0  x0 + x16 + x32,  lane 1  x1 + x17 + x33,
///     ...
///                                                            result  ((l0 + l8) + (l4 + l12)) + ...
namespace ctgrad::kernels {

/// The numbers of a run.
inline constexpr Size run_lanes = 16;

/// One number in every lane of a run, as vectors.
template <class T>
struct Run {
  static constexpr Size width = std::min(lanes_of<T>, run_lanes);
  static constexpr Size count = run_lanes / width;
  using Part = Lanes<T, width>;

  Part parts[static_cast<std::size_t>(count)];

  CTGRAD_INLINE static Run filled(T number) {
    Run run;
    CTGRAD_UNROLL
    for (Size p = 0; p < count; ++p) run.parts[p] = Part::filled(number);
    return run;
  }

  CTGRAD_INLINE static Run load(const T* x) {
    Run run;
    CTGRAD_UNROLL
    for (Size p = 0; p < count; ++p) run.parts[p] = Part::load(x + p * width);
    return run;
  }

  /// body(p as a constant) for the parts p.
  template <class Body>
  CTGRAD_INLINE static void for_each(Body body) {
    [&]<Size... P>(std::integer_sequence<Size, P...>) CTGRAD_INLINED {
      (body(std::integral_constant<Size, P>{}), ...);
    }(std::make_integer_sequence<Size, count>{});
  }

  /// Combines each lane with that of another run; `combine` takes vectors as it takes numbers.
  template <class Combine>
  CTGRAD_INLINE void combine_with(Combine combine, const Run& other) {
    CTGRAD_UNROLL
    for (Size p = 0; p < count; ++p) parts[p].combine(combine, other.parts[p]);
  }

  /// What all lanes combine to: each with the one half of them further on, and so on.
  template <class Combine>
  CTGRAD_INLINE T joined(Combine combine) const {
    Run run = *this;
    CTGRAD_UNROLL
    for (Size half = count / 2; half > 0; half /= 2) {
      CTGRAD_UNROLL
      for (Size p = 0; p < half; ++p) run.parts[p].combine(combine, run.parts[p + half]);
    }
    return joined_of<width / 2>(combine, run.parts[0]);
  }
  CTGRAD_INLINE T sum() const {
    return joined([](auto a, auto b) CTGRAD_INLINED { return a + b; });
  }

 private:
  template <Size Half, class Combine>
  CTGRAD_INLINE static T joined_of(Combine combine, Part part) {
    if constexpr (Half == 0) {
      return part.values[0];
    } else {
      part.combine(combine, part.template turned<Half>());
      return joined_of<Half / 2>(combine, part);
    }
  }
};

/// The part of x[0..Count) from `Begin` on, and `fill` behind its end.
template <Size Count, Size Begin, class T>
CTGRAD_INLINE typename Run<T>::Part part_of(const T* x, T fill) {
  using Part = typename Run<T>::Part;
  constexpr Size width = Run<T>::width;
  if constexpr (Begin >= Count) {
    return Part::filled(fill);
  } else if constexpr (Begin + width <= Count) {
    return Part::load(x + Begin);
  } else if constexpr (width <= Count) {
    return Part::template load_last<Count - Begin>(x + Count, fill);
  } else {
    T few[static_cast<std::size_t>(width)];
    for (Size j = 0; j < width; ++j) few[j] = j < Count ? x[j] : fill;
    return Part::load(few);
  }
}

/// Where a part of a row is: it is part `part` of its run, `size` of its lanes are numbers of the row, and
/// those begin with number `begin`.
template <Size Part, Size Valid>
struct PartOfRow {
  static constexpr Size part = Part;
  static constexpr Size size = Valid;
  Size begin;
};

/// body(numbers, where) for every part of every run of x[0..Count), in their order. `fill` stands in the
/// lanes behind the end of x.
template <Size Count, class T, class Body>
CTGRAD_INLINE void for_each_part(const T* x, T fill, Body body) {
  constexpr Size width = Run<T>::width;
  constexpr Size whole = Count / run_lanes * run_lanes;
  CTGRAD_ROLLED
  for (Size i = 0; i < whole; i += run_lanes) {
    Run<T>::for_each([&](auto p) CTGRAD_INLINED {
      const Size begin = i + p * width;
      body(Run<T>::Part::load(x + begin), PartOfRow<p, width>{begin});
    });
  }
  Run<T>::for_each([&](auto p) CTGRAD_INLINED {
    constexpr Size begin = whole + p * width;
    if constexpr (begin < Count)
      body(part_of<Count, begin>(x, fill), PartOfRow<p, std::min(width, Count - begin)>{begin});
  });
}

/// Stores the numbers of a part where they are in y.
template <class T, class Where>
CTGRAD_INLINE void store_part(T* y, const typename Run<T>::Part& part, Where where) {
  if constexpr (Where::size == Run<T>::width) {
    part.store(y + where.begin);
  } else {
    std::memcpy(y + where.begin, &part.values, static_cast<std::size_t>(Where::size) * sizeof(T));
  }
}

}  // namespace ctgrad::kernels
