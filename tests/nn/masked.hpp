#pragma once

#include <nn/reference_model.hpp>

#include <vector>

/// What tests of masked models share: random arrays, sequences of a batch, and what is to be 0 or finite.
namespace ctgrad::test {

template <class S, std::size_t Rank>
xt::xtensor<S, Rank> random_array(const std::array<std::size_t, Rank>& shape, Random& random) {
  xt::xtensor<S, Rank> numbers(shape);
  for (S& number : numbers) number = static_cast<S>(random.normal());
  return numbers;
}

/// Parameters of which none is 0 or 1.
template <class Model, class S>
Parameters<Model, S> varied_parameters() {
  Parameters<Model, S> parameters{Seed{2}};
  Random random(Seed{3});
  for (const FlatEntry& entry : parameters.entries()) {
    for (S& number : parameters.span(entry.name)) number += static_cast<S>(0.1 * random.normal());
  }
  return parameters;
}

/// Sequence b of a batch, as a batch of its own.
template <class Array>
auto sequence(const Array& batch, std::size_t b) {
  using Element = typename Array::value_type;
  std::array<std::size_t, std::tuple_size_v<typename Array::shape_type>> shape{};
  std::copy(batch.shape().begin(), batch.shape().end(), shape.begin());
  shape[0] = 1;
  xt::xtensor<Element, std::tuple_size_v<typename Array::shape_type>> one(shape);
  std::copy_n(batch.data() + b * one.size(), one.size(), one.data());
  return one;
}

template <class Numbers>
bool finite(const Numbers& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](auto number) { return std::isfinite(number); });
}

/// The largest magnitude of row t of sequence b of an array [batch, T, width].
template <class Array>
double magnitude_of_row(const Array& array, std::size_t b, std::size_t t) {
  double largest = 0;
  for (std::size_t i = 0; i < array.shape()[2]; ++i)
    largest = std::max(largest, std::abs(static_cast<double>(array(b, t, i))));
  return largest;
}

/// Says whether all rows from `lengths[b]` on are 0 and some number of every row before is not.
template <class Array>
bool ends_with_zeros(const Array& array, const xt::xtensor<std::int32_t, 1>& lengths) {
  bool ends = true;
  for (std::size_t b = 0; b < array.shape()[0]; ++b) {
    for (std::size_t t = 0; t < array.shape()[1]; ++t)
      ends = ends && (magnitude_of_row(array, b, t) == 0) == (static_cast<std::int32_t>(t) >= lengths(b));
  }
  return ends;
}

/// How far sums may be apart that were added up in another order.
template <class S>
constexpr double sum_bar = 1000 * static_cast<double>(std::numeric_limits<S>::epsilon());

/// The differences of a batch's gradients by a model from the sum of its sequences' own, as a share of the
/// largest magnitude.
template <class S>
class SumOfGradients {
 public:
  template <class Gradients>
  void add(const Gradients& gradients) {
    sum_.resize(gradients.flat().size(), 0);
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += static_cast<double>(gradients.flat()[i]);
  }

  template <class Gradients>
  double error_of(const Gradients& gradients) const {
    return error_of_largest(gradients.flat(), sum_);
  }

 private:
  std::vector<double> sum_;
};

}  // namespace ctgrad::test
