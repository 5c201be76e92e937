#pragma once

#include <bit>
#include <cstdint>
#include <ostream>
#include <stdexcept>
#include <string>

/// What `check_gradients` is told and what it tells.
namespace ctgrad {

/// Which modes of differentiation to check.
enum class Modes : std::uint8_t { forward, reverse, both };

/// A double that a template argument may hold.
struct Tolerance {
  std::uint64_t bits;
  constexpr Tolerance(double number) : bits(std::bit_cast<std::uint64_t>(number)) {}
  constexpr operator double() const { return std::bit_cast<double>(bits); }
};

struct GradientOptions {
  int order = 1;               ///< 2: second derivatives too
  Modes modes = Modes::both;   ///< programs of the other mode are not made
  Tolerance tolerance = 1e-8;  ///< of derivatives against differences; the other bars scale with it
  std::uint64_t seed = 1;      ///< of the random directions
};

/// What a check found; every figure is the largest error over all of its checks. Errors are relative.
struct GradientCheck {
  int checks = 0;
  double tangent_error = 0;       ///< forward mode against differences (bar: the tolerance)
  double entry_error = 0;         ///< each entry of the gradient against differences (bar: the tolerance)
  double adjoint_error = 0;       ///< <u, J v> against <J^T u, v> (bar: 1e-4 of the tolerance)
  double second_error = 0;        ///< second derivatives against differences of first (bar: 100 tolerances)
  double second_modes_error = 0;  ///< second derivatives of each mode against the others (bar: 1e-2 of it)
};

/// "186 checks passed; largest errors: tangents 3e-12, entries 2e-11, adjoint 1e-16"; second derivatives
/// where they were checked.
inline std::ostream& operator<<(std::ostream& out, const GradientCheck& check) {
  const std::streamsize digits = out.precision(2);
  out << check.checks << " checks passed; largest errors: tangents " << check.tangent_error << ", entries "
      << check.entry_error << ", adjoint " << check.adjoint_error;
  if (check.second_error > 0 || check.second_modes_error > 0)
    out << ", second order " << check.second_error << ", between modes " << check.second_modes_error;
  out.precision(digits);
  return out;
}

/// What is wrong with a derivative, as far as the checks can tell.
enum class Culprit : std::uint8_t {
  value,      ///< programs of the same function give different values
  tangent,    ///< forward mode is not what differences say
  transpose,  ///< forward mode is right, reverse mode is not what it says
  second,     ///< the first order is right, the second is not
};

/// A derivative that is not what differences say, or modes that disagree. The message names the argument,
/// the entry, the numbers and the culprit.
class GradientMismatch : public std::runtime_error {
 public:
  GradientMismatch(Culprit culprit, const std::string& message)
      : std::runtime_error(message), culprit_(culprit) {}
  Culprit culprit() const { return culprit_; }

 private:
  Culprit culprit_;
};

}  // namespace ctgrad
