#pragma once

#include <ctgrad/graph/tree_parts.hpp>
#include <ctgrad/runtime/arena.hpp>
#include <ctgrad/runtime/flat_view.hpp>
#include <ctgrad/runtime/random.hpp>

#include <boost/hana/members.hpp>

/// A model's numbers: one flat buffer, every parameter a named view of it.
namespace ctgrad {

template <class Leaf>
struct parameter {
  static constexpr bool has_an_initializer =
      requires { requires std::is_class_v<std::remove_cv_t<decltype(Leaf::initializer)>>; };
};
template <>
struct parameter<void> {
  static constexpr bool has_an_initializer = true;
};

namespace runtime {

/// The first array type of a tree that has no initialiser; void if all have one.
template <class T>
struct Uninitialized : Uninitialized<std::remove_cvref_t<decltype(boost::hana::members(std::declval<T>()))>> {
};
template <ArrayLike T>
struct Uninitialized<T> {
  using type = std::conditional_t<parameter<T>::has_an_initializer, void, T>;
};
template <class T, std::size_t N>
struct Uninitialized<std::array<T, N>> : Uninitialized<T> {};
template <template <class...> class Tuple>
struct Uninitialized<Tuple<>> {
  using type = void;
};
template <template <class...> class Tuple, class First, class... Others>
  requires(!StructTree<Tuple<First, Others...>>)
struct Uninitialized<Tuple<First, Others...>> {
  using Head = typename Uninitialized<First>::type;
  using type = typename std::conditional_t<std::is_void_v<Head>, Uninitialized<Tuple<Others...>>,
                                           std::type_identity<Head>>::type;
};

}  // namespace runtime

/// Says that parameters begin as 0, all of them, since they are to be loaded: drawing them would be in vain.
struct Undrawn {};

/// A model's parameters in memory of their own. Training and inference programs of any batch size share them,
/// in any number of threads while none changes them. What was moved from can be assigned to and copied; what
/// gives its numbers throws std::logic_error until then.
template <class T, class S = float>
class Parameters : public runtime::FlatArrays<T, S> {
  static_assert(alignof(T) > 0);  // so that an error within T is close to the user's line
  static_assert(
      tree::faulty_part<T>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT,
      "Parameters: the tree is an array, a struct that lists its members with BOOST_HANA_DEFINE_STRUCT, "
      "or a std::array or std::tuple of them");
  static_assert(tree::faulty_part<T>::is_named_in_its_own_BOOST_HANA_DEFINE_STRUCT,
                "Parameters: BOOST_HANA_DEFINE_STRUCT in this struct names another struct");
  static_assert(
      tree::faulty_part<T>::lists_all_its_members,
      "Parameters: a member of this struct is not in its BOOST_HANA_DEFINE_STRUCT; list it (what is no "
      "layer is static constexpr)");
  static_assert(parameter<typename runtime::Uninitialized<T>::type>::has_an_initializer,
                "Parameters: a tensor of the model is no Parameter<initializer, extents...>");

 public:
  /// Draws every parameter from its initialiser; the same seed gives the same bits. Parameter i draws from
  /// stream i.
  explicit Parameters(Seed seed) {
    T model{};
    S* data = this->flat().data();
    std::uint64_t stream = 0;
    runtime::for_each_offset<T, S>(model, [&](const auto& leaf, std::size_t offset) {
      using Leaf = std::remove_cvref_t<decltype(leaf)>;
      if constexpr (parameter<Leaf>::has_an_initializer) {
        draw(data + offset, leaf.size, Random(seed, stream++), Leaf::initializer, leaf.shape);
      }
    });
  }

  explicit Parameters(Undrawn) {}

  /// How many numbers training changes.
  static std::size_t count() {
    std::size_t sum = 0;
    for (const FlatEntry& entry : Parameters::entries()) sum += static_cast<std::size_t>(entry.shape.size());
    return sum;
  }

 private:
  /// Behind a call, since models have many leaves of a kind.
  template <class Initializer>
  [[gnu::noinline]] static void draw(S* numbers, Size count, Random random, const Initializer& initializer,
                                     const Shape& shape) {
    for (Size i = 0; i < count; ++i) numbers[i] = static_cast<S>(initializer.draw(random, shape));
  }
};

}  // namespace ctgrad
