#pragma once

#include <ctgrad/graph/tree_parts.hpp>
#include <ctgrad/runtime/arena.hpp>
#include <ctgrad/runtime/layout.hpp>
#include <ctgrad/runtime/random.hpp>
#include <ctgrad/runtime/xtensor.hpp>

#include <boost/hana/members.hpp>

#include <span>
#include <stdexcept>
#include <string_view>

/// A model's numbers: one flat buffer, every parameter a named view of it.
namespace ctgrad {

/// The arrays of the tree T in a flat buffer of Element (a scalar type, const or not) that lies elsewhere.
template <class T, class Element>
class FlatView {
 public:
  using Model = T;
  using Scalar = std::remove_const_t<Element>;

  explicit FlatView(Element* data) : data_(data) {}

  /// All elements in one span; between arrays lie unused elements, which are 0.
  std::span<Element> flat() const { return {data_, size()}; }

  /// The length of the flat buffer.
  static constexpr std::size_t size() { return runtime::flat_size<T, Scalar>(); }

  /// Name, shape and offset of every array, in the order of the buffer.
  static const std::vector<FlatEntry>& entries() { return runtime::flat_entries<T, Scalar>(); }

  /// The array of that name as an xtensor. Throws std::out_of_range if there is none.
  auto operator[](std::string_view name) const {
    const FlatEntry& entry = find(name);
    return runtime::adapt_any(data_ + entry.offset, entry.shape);
  }

  /// The elements of the array of that name. Throws std::out_of_range if there is none.
  std::span<Element> span(std::string_view name) const {
    const FlatEntry& entry = find(name);
    return {data_ + entry.offset, static_cast<std::size_t>(entry.shape.size())};
  }

  /// The name of the array that holds element `index` of the flat buffer.
  static const std::string& name_of(std::size_t index) {
    const FlatEntry* last = &entries().front();
    for (const FlatEntry& entry : entries()) {
      if (entry.offset <= index) last = &entry;
    }
    return last->name;
  }

 private:
  static const FlatEntry& find(std::string_view name) {
    for (const FlatEntry& entry : entries()) {
      if (entry.name == name) return entry;
    }
    throw std::out_of_range("no parameter is named '" + std::string(name) + "'");
  }

  Element* data_;
};

/// What a gradient of a model is at run time: a view of the program's memory, overwritten by its next run.
template <class T, class S = float>
using Gradients = FlatView<T, const S>;

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

/// A model's parameters in memory of their own. Training and inference programs of any batch size share them.
template <class T, class S = float>
class Parameters {
  static_assert(sizeof(T) > 0);  // so that an error within T is close to the user's line
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
  using Model = T;
  using Scalar = S;
  using View = FlatView<T, S>;
  using ConstView = FlatView<T, const S>;

  /// Draws every parameter from its initialiser; the same seed gives the same bits. Parameter i draws from
  /// stream i.
  explicit Parameters(Seed seed) : arena_(size() * sizeof(S)) {
    T model{};
    std::uint64_t stream = 0;
    runtime::for_each_offset<T, S>(model, [&](const auto& leaf, std::size_t offset) {
      using Leaf = std::remove_cvref_t<decltype(leaf)>;
      if constexpr (parameter<Leaf>::has_an_initializer) {
        Random random(seed, stream++);
        for (Size i = 0; i < leaf.size; ++i) {
          data()[offset + static_cast<std::size_t>(i)] =
              static_cast<S>(Leaf::initializer.draw(random, leaf.shape));
        }
      }
    });
  }

  Parameters(const Parameters& other) : arena_(size() * sizeof(S)) { *this = other; }
  Parameters(Parameters&&) noexcept = default;
  Parameters& operator=(const Parameters& other) {
    std::copy(other.flat().begin(), other.flat().end(), flat().begin());
    return *this;
  }
  Parameters& operator=(Parameters&&) noexcept = default;
  ~Parameters() = default;

  std::span<S> flat() { return view().flat(); }
  std::span<const S> flat() const { return view().flat(); }

  /// The length of the flat buffer.
  static constexpr std::size_t size() { return View::size(); }

  /// How many numbers training changes.
  static std::size_t count() {
    std::size_t sum = 0;
    for (const FlatEntry& entry : entries()) sum += static_cast<std::size_t>(entry.shape.size());
    return sum;
  }
  static const std::vector<FlatEntry>& entries() { return View::entries(); }
  static const std::string& name_of(std::size_t index) { return View::name_of(index); }

  View view() { return View(data()); }
  ConstView view() const { return ConstView(reinterpret_cast<const S*>(arena_.data())); }
  auto operator[](std::string_view name) { return view()[name]; }
  auto operator[](std::string_view name) const { return view()[name]; }
  std::span<S> span(std::string_view name) { return view().span(name); }
  std::span<const S> span(std::string_view name) const { return view().span(name); }

 private:
  S* data() { return reinterpret_cast<S*>(arena_.data()); }

  runtime::Arena arena_;
};

}  // namespace ctgrad
