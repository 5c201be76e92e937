#pragma once

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

/// Gradients times a factor. Optimisers multiply as they read: the product lies nowhere.
template <std::floating_point Scalar>
class ScaledGradients {
 public:
  ScaledGradients(std::span<const Scalar> numbers, double factor) : numbers_(numbers), factor_(factor) {}

  /// Before the multiplication.
  std::span<const Scalar> flat() const { return numbers_; }
  double factor() const { return factor_; }

 private:
  std::span<const Scalar> numbers_;
  double factor_;
};

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

}  // namespace ctgrad
