#pragma once

#include <ctgrad/io/values.hpp>
#include <ctgrad/runtime/layout.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

/// What every optimiser asks of the flat buffers it works on.
namespace ctgrad {

/// Parameters of a model: a number type, and all of its numbers as one span.
template <class P>
concept FlatParameters = requires(P& parameters) {
  typename P::Scalar;
  { parameters.size() } -> std::convertible_to<std::size_t>;
  { parameters.flat() } -> std::convertible_to<std::span<const typename P::Scalar>>;
};

/// Gradients of a model: a buffer of the parameters' layout.
template <class G>
concept FlatGradients = requires(const G& gradients) { gradients.flat(); };

/// A loss and its gradients, as `value_and_grad` gives them.
template <class R>
concept LossAndGradients = FlatGradients<decltype(R::gradients)> && requires(const R& result) {
  { result.value } -> std::convertible_to<double>;
};

/// Gradients times a factor, of the model M if that is known. Optimisers multiply as they read: the product
/// lies nowhere.
template <std::floating_point Scalar, class M = void>
class ScaledGradients {
 public:
  using Model = M;

  ScaledGradients(std::span<const Scalar> numbers, double factor) : numbers_(numbers), factor_(factor) {}

  /// Before the multiplication.
  std::span<const Scalar> flat() const { return numbers_; }
  double factor() const { return factor_; }

 private:
  std::span<const Scalar> numbers_;
  double factor_;
};

/// One of the buffers that an optimiser remembers between steps, of the parameters' layout.
template <class Element>
struct StateBuffer {
  const char* name;  ///< "mean"
  std::span<Element> numbers;
  io::Values values = io::Values::finite;  ///< what it holds in every sound run, which checkpoints look at
};

/// The model that parameters or gradients say they are of; void where they say none.
template <class Flat>
struct ModelOf {
  using type = void;
};
template <class Flat>
  requires requires { typename Flat::Model; }
struct ModelOf<Flat> {
  using type = typename Flat::Model;
};

/// Parameters of the model P.
template <class P>
struct parameters_of {
  template <class G>
  static constexpr bool take_gradients_of = std::is_void_v<P> || std::is_void_v<G> || std::is_same_v<P, G>;
};

/// Refuses, as a compile error that names both, gradients of another model than the parameters.
template <class P, class G>
constexpr void require_same_model() {
  static_assert(
      parameters_of<typename ModelOf<P>::type>::template take_gradients_of<typename ModelOf<G>::type>,
      "the gradients are of another model than the parameters");
}

/// Names, shapes and offsets of the arrays of parameters; null where they tell none.
template <class P>
const std::vector<FlatEntry>* layout_of(const P& parameters) {
  if constexpr (requires {
                  { parameters.entries() } -> std::same_as<const std::vector<FlatEntry>&>;
                }) {
    return &parameters.entries();
  } else {
    return nullptr;
  }
}

/// What gradients are to be multiplied by.
template <FlatGradients G>
double factor_of(const G& gradients) {
  if constexpr (requires { gradients.factor(); }) {
    return gradients.factor();
  } else {
    return 1;
  }
}

/// The name of the parameter that holds element `index`; empty where the parameters have none to tell.
template <class P>
std::string name_in(const P& parameters, std::size_t index) {
  if constexpr (requires { std::string_view(parameters.name_of(index)); }) {
    return std::string(parameters.name_of(index));
  } else {
    return {};
  }
}

/// Throws, as `owner`'s, std::invalid_argument unless a buffer is of `expected` numbers.
inline void require_size(const char* owner, const char* operand, std::size_t expected, std::size_t got) {
  if (got == expected) return;
  throw std::invalid_argument(std::string(owner) + ": " + operand + ": expected " + std::to_string(expected) +
                              " numbers, got " + std::to_string(got));
}

/// Throws, as `owner`'s, std::invalid_argument if parameters are known to be of another layout than it was
/// made for, naming the first array that differs.
inline void require_layout(const char* owner, const std::vector<FlatEntry>* expected,
                           const std::vector<FlatEntry>* got) {
  if (expected == nullptr || got == nullptr || expected == got || *expected == *got) return;
  std::size_t i = 0;
  while (i < expected->size() && i < got->size() && (*expected)[i] == (*got)[i]) ++i;
  const auto text = [i](const std::vector<FlatEntry>& entries) {
    return i < entries.size() ? "'" + entries[i].name + "' " + to_string(entries[i].shape)
                              : std::string("no more");
  };
  throw std::invalid_argument(std::string(owner) + ": parameters: expected those of the model that it was " +
                              "made for, with " + text(*expected) + ", got " + text(*got));
}

}  // namespace ctgrad
