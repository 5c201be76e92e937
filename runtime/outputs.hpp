#pragma once

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>
#include <ctgrad/runtime/executable.hpp>
#include <ctgrad/runtime/shared_arena.hpp>
#include <ctgrad/runtime/state.hpp>

/// What a program gives back: scalars by value, arrays as views of its memory, which they keep.
namespace ctgrad {

/// Several results of a program: a std::tuple that is ctgrad's, so that it prints.
template <class... T>
struct Results : std::tuple<T...> {
  using Base = std::tuple<T...>;
  using Base::Base;
};

/// Several results of one type: a std::array that is ctgrad's, so that it prints.
template <class T, std::size_t N>
struct ResultList : std::array<T, N> {};

}  // namespace ctgrad

template <class... T>
struct std::tuple_size<ctgrad::Results<T...>> : std::tuple_size<std::tuple<T...>> {};
template <std::size_t I, class... T>
struct std::tuple_element<I, ctgrad::Results<T...>> : std::tuple_element<I, std::tuple<T...>> {};
template <class T, std::size_t N>
struct std::tuple_size<ctgrad::ResultList<T, N>> : std::tuple_size<std::array<T, N>> {};
template <std::size_t I, class T, std::size_t N>
struct std::tuple_element<I, ctgrad::ResultList<T, N>> : std::tuple_element<I, std::array<T, N>> {};

namespace ctgrad::runtime {

/// A machine that is about to be destroyed.
template <class Machine>
struct Leaving {
  const Machine& machine;

  const std::byte* output(std::size_t i) const { return machine.output(i); }
  const SharedArena& results() const { return machine.results(); }
};

/// The run-time form of a result of tree type T; `read` takes the position of its first array. A machine that
/// is leaving gives States in place of FlatViews: the spans of temporary ones are copies.
template <class Scalar, class T>
struct Output {
  static_assert(StructTree<T>,
                "a program's result is an array, a struct, a std::array or a std::tuple of them");
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    if constexpr (leaf_count<T>() == 0) {
      return FlatView<T, const Scalar>(nullptr);
    } else {
      return FlatView<T, const Scalar>(reinterpret_cast<const Scalar*>(machine.output(first)),
                                       machine.results());
    }
  }
  template <class Machine>
  static auto read(const Leaving<Machine>& machine, std::size_t first) {
    return State<T, Scalar>(read(machine.machine, first));
  }
};

template <class Scalar, ArrayLike T>
struct Output<Scalar, T> {
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    using Element = ElementOf<T::kind, Scalar>;
    const auto* data = reinterpret_cast<const Element*>(machine.output(first));
    if constexpr (T::rank == 0) {
      return *data;
    } else {
      constexpr auto rank = static_cast<std::size_t>(T::rank);
      return ResultArray<Element, rank>(data, xtensor_shape<rank>(T::shape), machine.results());
    }
  }
};

template <class Scalar, class A, class B, template <class, class> class Pair>
struct OutputPair {
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    auto a = Output<Scalar, A>::read(machine, first);
    auto b = Output<Scalar, B>::read(machine, first + leaf_count<A>());
    return Pair<decltype(a), decltype(b)>{a, b};
  }
};

template <class Scalar, class T, class G>
struct Output<Scalar, ValueAndGradients<T, G>> : OutputPair<Scalar, T, G, ValueAndGradients> {};

template <class Scalar, class T, class C>
struct Output<Scalar, ValueAndCotangents<T, C>> : OutputPair<Scalar, T, C, ValueAndCotangents> {};

template <class Scalar, class T>
struct Output<Scalar, ValueAndTangent<T>> {
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    auto value = Output<Scalar, T>::read(machine, first);
    return ValueAndTangent<decltype(value)>{value, Output<Scalar, T>::read(machine, first + leaf_count<T>())};
  }
};

template <class Scalar, class... T>
struct Output<Scalar, std::tuple<T...>> {
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    const auto next = [&]<class Part>(std::type_identity<Part>) {
      const std::size_t begin = first;
      first += leaf_count<Part>();
      return Output<Scalar, Part>::read(machine, begin);
    };
    return Results<decltype(next(std::type_identity<T>{}))...>{next(std::type_identity<T>{})...};
  }
};

template <class Scalar, class T, std::size_t N>
struct Output<Scalar, std::array<T, N>> {
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    using Part = decltype(Output<Scalar, T>::read(machine, first));
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ResultList<Part, N>{{Output<Scalar, T>::read(machine, first + I * leaf_count<T>())...}};
    }(std::make_index_sequence<N>{});
  }
};

}  // namespace ctgrad::runtime
