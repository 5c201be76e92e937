#pragma once

#include <ctgrad/autodiff/require.hpp>
#include <ctgrad/base/number_text.hpp>
#include <ctgrad/check/derivative_programs.hpp>
#include <ctgrad/check/gradient_options.hpp>
#include <ctgrad/runtime/random.hpp>

/// Proof of derivatives at a point: against differences of the function, and of the modes against each other.
namespace ctgrad {
namespace runtime {

template <GradientOptions Options, auto Function, class... Arguments>
class GradientChecker {
  static_assert(autodiff::real_leaves<typename Trace<Function, Arguments...>::Result>() > 0,
                "check_gradients: the function's result is not real");
  static_assert(Options.order == 1 || Options.order == 2, "check_gradients: the order is 1 or 2");

 public:
  template <class... Inputs>
  explicit GradientChecker(const Inputs&... inputs) : programs_(inputs...) {}

  GradientCheck run() {
    v_ = unit(draw(x()));
    u_ = draw(programs_.y());
    if constexpr (forward) check_forward();
    if constexpr (reverse) check_reverse();
    if constexpr (forward && reverse) check_adjoint();
    check_entries();
    if constexpr (Options.order == 2) check_second();
    return report_;
  }

 private:
  static constexpr bool forward = Options.modes != Modes::reverse;
  static constexpr bool reverse = Options.modes != Modes::forward;
  static constexpr double bar = Options.tolerance;
  static constexpr double adjoint_bar = 1e-4 * bar;
  static constexpr double second_bar = 100 * bar;
  static constexpr double second_modes_bar = 1e-2 * bar;
  static constexpr std::size_t most_entries = 64;  ///< of an argument that are looked at one by one

  const Vectors& x() const { return programs_.x(); }

  Vectors draw(const Vectors& like) {
    Vectors result = like;
    for (auto& vector : result) {
      for (double& number : vector) number = random_.normal();
    }
    return result;
  }

  /// Scaled to length 1, so that a point along many arguments is no farther than one along a single entry.
  static Vectors unit(Vectors vectors) {
    const double length = std::sqrt(inner_product(vectors, vectors));
    for (auto& vector : vectors) {
      for (double& number : vector) number /= length;
    }
    return vectors;
  }

  /// Splits what a program of values and derivatives gave; the values must be those of the function alone.
  Vectors derivatives(const Vectors& both) {
    const Vectors& y = programs_.y();
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t j = 0; j < y[i].size(); ++j) {
        ++report_.checks;
        const double error = relative_error(both[i][j], y[i][j], bar, 0);
        if (error < adjoint_bar || (std::isnan(y[i][j]) && std::isnan(both[i][j]))) continue;
        fail(Culprit::value, "result " + std::to_string(i + 1) + ", entry " + std::to_string(j),
             {{"alone", y[i][j]}, {"beside a derivative", both[i][j]}});
      }
    }
    return {both.begin() + static_cast<std::ptrdiff_t>(y.size()), both.end()};
  }

  void check_forward() {
    tangent_ = derivatives(programs_.forward(v_));
    double largest = 1;
    for (const auto& vector : x()) {
      for (const double number : vector) largest = std::max(largest, std::abs(number));
    }
    for (std::size_t i = 0; i < tangent_.size(); ++i) {
      for (std::size_t j = 0; j < tangent_[i].size(); ++j) {
        const Comparison found = compare(
            tangent_[i][j], v_, largest, [&](const Vectors& slopes) { return slopes[i][j]; }, 1);
        report_.tangent_error = std::max(report_.tangent_error, found.error);
        if (found.error < bar) continue;
        blame();
        fail(Culprit::tangent,
             "the derivative along all arguments of result " + std::to_string(i + 1) + ", entry " +
                 std::to_string(j),
             {{"by forward mode", tangent_[i][j]}, {"by differences", found.expected}});
      }
    }
  }

  void check_reverse() { cotangents_ = derivatives(programs_.reverse(u_)); }

  void check_adjoint() {
    const double pushed = inner_product(u_, tangent_);
    const double pulled = inner_product(cotangents_, v_);
    ++report_.checks;
    report_.adjoint_error = relative_error(pushed, pulled, adjoint_bar, 0);
    if (report_.adjoint_error < adjoint_bar) return;
    blame();
    fail(Culprit::transpose, "the derivative along all arguments",
         {{"by forward mode: <u, J v>", pushed}, {"by reverse mode: <J^T u, v>", pulled}});
  }

  /// All entries of a small argument, a random choice of a large one's.
  void check_entries() {
    for (std::size_t i = 0; i < x().size(); ++i) {
      for (std::size_t n = 0; n < std::min(most_entries, x()[i].size()); ++n) {
        const std::size_t j =
            x()[i].size() <= most_entries ? n : random_.below(static_cast<std::uint32_t>(x()[i].size()));
        report_.entry_error = std::max(report_.entry_error, entry_error(i, j));
      }
    }
  }

  /// Holds one entry of the gradient of <u, y> against differences. Throws GradientMismatch beyond the bar.
  double entry_error(std::size_t i, std::size_t j) {
    const Vectors direction = entry(i, j);
    double weight = 0;
    for (const auto& vector : u_) {
      for (const double number : vector) weight += std::abs(number);
    }
    const auto slope = [&](const Vectors& slopes) { return inner_product(u_, slopes); };
    const double got =
        reverse ? cotangents_[i][j] : inner_product(u_, derivatives(programs_.forward(direction)));
    const Comparison found = compare(got, direction, std::max(1.0, std::abs(x()[i][j])), slope, weight);
    if (found.error >= bar) blame_entry(i, j, got, found.expected);
    return found.error;
  }

  void blame_entry(std::size_t i, std::size_t j, double got, double expected) {
    Numbers numbers{{"by differences", expected}};
    Culprit culprit = Culprit::tangent;
    if constexpr (reverse) numbers.emplace_back("by reverse mode", got);
    if constexpr (forward) {
      const double pushed = inner_product(u_, derivatives(programs_.forward(entry(i, j))));
      numbers.emplace_back("by forward mode", pushed);
      if (relative_error(pushed, got, adjoint_bar, 0) >= 100 * adjoint_bar) culprit = Culprit::transpose;
      if (relative_error(pushed, expected, bar, 0) >= 100 * bar) culprit = Culprit::tangent;
    }
    fail(culprit, "the gradient of " + programs_.name(i) + ", entry " + std::to_string(j), numbers);
  }

  /// Looks for a single entry that is wrong, and throws GradientMismatch for it.
  void blame() {
    if constexpr (reverse) {
      if (cotangents_.empty()) check_reverse();
    }
    check_entries();
  }

  Vectors entry(std::size_t i, std::size_t j) const {
    Vectors direction = zeros_like(x());
    direction[i][j] = 1;
    return direction;
  }

  /// <u, second derivative along v and w> in every mode, and by differences of the first.
  void check_second() {
    const Vectors w = unit(draw(x()));
    Numbers numbers;
    if constexpr (forward) numbers.push_back({"forward over forward", programs_.forward_forward(u_, v_, w)});
    if constexpr (forward && reverse) {
      numbers.push_back({"forward over reverse", programs_.forward_reverse(u_, v_, w)});
      numbers.push_back({"reverse over forward", programs_.reverse_forward(u_, v_, w)});
    }
    if constexpr (reverse) numbers.push_back({"reverse over reverse", programs_.reverse_reverse(u_, v_, w)});
    const auto first = [&](const Vectors& at) { return first_derivative(at); };
    Comparison found;
    for (const auto& [mode, number] : numbers) {
      found = compare_with(
          first, number, w, 1, [](const Vectors& slopes) { return slopes[0][0]; }, 1);
      report_.second_error = std::max(report_.second_error, found.error);
      ++report_.checks;
      report_.second_modes_error = std::max(report_.second_modes_error,
                                            relative_error(number, numbers[0].second, second_modes_bar, 0));
    }
    if (report_.second_error < second_bar && report_.second_modes_error < second_modes_bar) return;
    numbers.push_back({"by differences", found.expected});
    fail(Culprit::second, "the second derivative along all arguments", numbers);
  }

  /// <u, J v> at a point, by a mode that is checked.
  Vectors first_derivative(const Vectors& at) {
    if constexpr (forward) {
      const Vectors both = programs_.forward_at(at, v_);
      return {{inner_product(u_, {both.begin() + static_cast<std::ptrdiff_t>(u_.size()), both.end()})}};
    } else {
      const Vectors both = programs_.reverse_at(at, u_);
      return {{inner_product(v_, {both.begin() + static_cast<std::ptrdiff_t>(u_.size()), both.end()})}};
    }
  }

  struct Comparison {
    double error = std::numeric_limits<double>::infinity();
    double expected = 0;
  };

  template <class Slope>
  Comparison compare(double got, const Vectors& v, double scale, const Slope& slope, double weight) {
    const auto values = [&](const Vectors& at) { return programs_.values_at(at); };
    return compare_with(values, got, v, scale, slope, weight);
  }

  /// A derivative against differences of a function along v. Where it bends too much for the usual spacing,
  /// shorter ones follow; the best counts, since a wrong derivative disagrees with all.
  template <class F, class Slope>
  Comparison compare_with(const F& function, double got, const Vectors& v, double scale, const Slope& slope,
                          double weight) {
    ++report_.checks;
    Comparison best;
    for (const double part : {1.0, 1.0 / 4, 1.0 / 16}) {
      double rounding = 0;
      const double expected = slope(difference(function, x(), v, part * stencil_spacing * scale, rounding));
      const double error = relative_error(got, expected, bar, rounding * weight);
      if (error < best.error || part == 1.0) best = {error, expected};
      if (best.error < bar) break;
    }
    return best;
  }

  using Numbers = std::vector<std::pair<const char*, double>>;

  [[noreturn]] static void fail(Culprit culprit, std::string message, const Numbers& numbers) {
    static constexpr const char* verdicts[] = {
        ": the value is wrong: two programs of the same function disagree",
        ": the value or its tangent is wrong", ": the transpose is wrong", ": the second order is wrong"};
    const char* between = " is ";
    for (const auto& [name, number] : numbers) {
      message += between + text::significant(number, 17) + " " + name;
      between = ", ";
    }
    throw GradientMismatch(culprit, message + verdicts[static_cast<std::size_t>(culprit)]);
  }

  DerivativePrograms<Function, Arguments...> programs_;
  Random random_{Seed{Options.seed}};
  Vectors v_;
  Vectors u_;
  Vectors tangent_;
  Vectors cotangents_;
  GradientCheck report_;
};

}  // namespace runtime

/// Checks f's derivatives at the given inputs, in double, with respect to every argument that holds real
/// numbers: forward mode against differences of sixth order along a random direction, every entry of a
/// gradient against differences (at most 64 entries of each array), both modes against each other by the
/// adjoint identity; to order 2, second derivatives in all four mixes of modes against differences of the
/// first and against each other. Inputs are what a DoubleProgram takes; the function must be smooth within a
/// few hundredths of them. Throws GradientMismatch.
///
///     check_gradients<Tensor<3>>(f, x)
///     check_gradients<GradientOptions{.order = 2}, Tensor<3>>(f, x)
template <GradientOptions Options, class... Arguments, class F, class... Inputs>
GradientCheck check_gradients(F, const Inputs&... inputs) {
  static_assert(sizeof...(Arguments) == sizeof...(Inputs),
                "check_gradients: name the type of every argument");
  static_assert(autodiff::argument_types<Arguments...>::include_a_real_one,
                "check_gradients: no argument holds real numbers: there is no derivative to check");
  static_assert(
      autodiff::result<decltype(F{}(Arguments{}...))>::holds_real_numbers,
      "check_gradients: the function's result holds no real numbers: there is no derivative to check");
  return runtime::GradientChecker<Options, F{}, Arguments...>(inputs...).run();
}

template <class... Arguments, class F, class... Inputs>
GradientCheck check_gradients(F f, const Inputs&... inputs) {
  return check_gradients<GradientOptions{}, Arguments...>(f, inputs...);
}

}  // namespace ctgrad
