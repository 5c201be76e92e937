#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

/// What every optimiser asks of the flat buffers it works on, and the refusals they share.
namespace ctgrad {

/// Parameters of a model: a number type, and all of its numbers as one span.
template <class P>
concept FlatParameters = requires(P& parameters) {
  typename P::Scalar;
  { parameters.size() } -> std::convertible_to<std::size_t>;
  { parameters.flat() } -> std::convertible_to<std::span<const typename P::Scalar>>;
};

/// A number as an error quotes it: the fewest digits that read back as the same double.
inline std::string shortest(double number) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

/// A gradient that is infinite or not a number. The parameters are as they were before the update.
class NonFiniteGradient : public std::runtime_error {
 public:
  /// `index` is the place in the flat buffer; `parameter` says which one that is, where it is known.
  NonFiniteGradient(std::size_t index_, double value_, std::string_view parameter = {})
      : std::runtime_error("gradient[" + std::to_string(index_) + "]" +
                           (parameter.empty() ? "" : " of " + std::string(parameter)) +
                           ": expected a finite number, got " + shortest(value_)),
        index(index_),
        value(value_) {}

  std::size_t index;
  double value;
};

/// The place of the first number that is infinite or NaN; numbers.size() if there is none.
template <std::floating_point Scalar>
std::size_t first_non_finite(std::span<const Scalar> numbers) {
  static_assert(std::numeric_limits<Scalar>::is_iec559 && (sizeof(Scalar) == 4 || sizeof(Scalar) == 8));
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  constexpr auto infinity = std::bit_cast<Bits>(std::numeric_limits<Scalar>::infinity());
  constexpr Bits one = Bits{1} << (std::numeric_limits<Scalar>::digits - 1);
  Bits seen = 0;  // an exponent of ones carries into the top bit: one addition a number, and no branch
  for (const Scalar number : numbers) seen |= (std::bit_cast<Bits>(number) & infinity) + one;
  if ((seen >> (std::numeric_limits<Bits>::digits - 1)) == 0) return numbers.size();
  std::size_t index = 0;
  while (std::isfinite(numbers[index])) ++index;
  return index;
}

/// Throws, as `optimizer`'s, std::invalid_argument if a buffer is not of `size` numbers, and
/// NonFiniteGradient.
template <std::floating_point Scalar>
void require_update(const char* optimizer, std::size_t size, std::span<const Scalar> parameters,
                    std::span<const Scalar> gradients) {
  const auto require_size = [&](const char* operand, std::size_t got) {
    if (got == size) return;
    throw std::invalid_argument(std::string(optimizer) + ": " + operand + ": expected " +
                                std::to_string(size) + " numbers, got " + std::to_string(got));
  };
  require_size("parameters", parameters.size());
  require_size("gradients", gradients.size());
  const std::size_t index = first_non_finite(gradients);
  if (index < size) throw NonFiniteGradient(index, static_cast<double>(gradients[index]));
}

/// update() for parameters that know their names: what a NonFiniteGradient lacks is filled in from
/// `parameters.name_of(index)`, where there is such a member.
template <class P, class Update>
void update_named(const P& parameters, Update update) {
  if constexpr (requires(std::size_t i) { std::string_view(parameters.name_of(i)); }) {
    try {
      update();
    } catch (const NonFiniteGradient& refusal) {
      throw NonFiniteGradient(refusal.index, refusal.value, parameters.name_of(refusal.index));
    }
  } else {
    update();
  }
}

/// Throws std::invalid_argument, naming the option, unless `holds`.
inline void require_option(bool holds, const char* option, const char* expected, double got) {
  if (holds) return;
  throw std::invalid_argument(std::string(option) + ": expected " + expected + ", got " + shortest(got));
}

}  // namespace ctgrad
