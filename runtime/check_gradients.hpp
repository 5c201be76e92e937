#pragma once

#include <ctgrad/runtime/differences.hpp>

/// Proof of derivatives at a point: against differences of the function, and of the two modes against each
/// other.
namespace ctgrad {

/// What a check found; every figure is the largest error over all of its checks.
struct GradientCheck {
  int checks = 0;
  double tangent_error = 0;  ///< forward mode against differences (bar 1e-8)
  double entry_error = 0;    ///< each entry of the gradient against differences (bar 1e-8)
  double adjoint_error = 0;  ///< <u, J v> against <J^T u, v> (bar 1e-12)
};

/// A derivative that is not what differences say, or modes that disagree.
class GradientMismatch : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace runtime {

/// Evaluates a function and its derivatives at points near the given inputs.
template <auto Function, class... Arguments>
class GradientChecker {
  using Tags = DerivativeTags<Function, Arguments...>;
  static_assert(autodiff::real_leaves<typename Tags::Result>() > 0,
                "check_gradients: the function's result is not real");

 public:
  template <class... Inputs>
  explicit GradientChecker(const Inputs&... inputs) {
    InputList<double, Machine<double, typename Tags::Value>::graph.input_count> list;
    int position = 0;
    (list.template add<Arguments>(inputs, ++position), ...);
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const void* data = list.data()[i];
      pointers_.push_back(data);
      if (leaves_[i].kind != Kind::real) continue;
      const auto* numbers = static_cast<const double*>(data);
      x_.emplace_back(numbers, numbers + leaves_[i].size);
      real_.push_back(i);
    }
  }

  GradientCheck run(Seed seed) {
    Random random(seed);
    const Vectors v = unit(draw(random, x_));
    evaluate(x_);
    const Vectors u = draw(random, outputs_);
    const Vectors tangent = forward(v);
    const Vectors cotangents = reverse(u);
    check_adjoint(inner_product(u, tangent), inner_product(cotangents, v));
    check_tangent(v, tangent);
    check_entries(u, cotangents, random);
    return report_;
  }

 private:
  static constexpr double tangent_bar = 1e-8;
  static constexpr double adjoint_bar = 1e-12;
  static constexpr std::size_t most_entries = 64;  ///< of an argument that are looked at one by one

  static Vectors draw(Random& random, const Vectors& like) {
    Vectors result = like;
    for (auto& vector : result) {
      for (double& number : vector) number = random.normal();
    }
    return result;
  }

  /// Scaled to length 1, so that a step along many arguments is no longer than one along a single entry.
  static Vectors unit(Vectors vectors) {
    const double length = std::sqrt(inner_product(vectors, vectors));
    for (auto& vector : vectors) {
      for (double& number : vector) number /= length;
    }
    return vectors;
  }

  template <class Tag>
  static void run(Machine<double, Tag>& machine, const std::vector<const void*>& inputs) {
    machine.run(inputs.data(), [](std::int32_t id) { return "node " + std::to_string(id); });
  }

  /// The real outputs from number `first` on, as many as there are `sizes`.
  template <class Tag>
  static Vectors outputs(const Machine<double, Tag>& machine, std::size_t first,
                         const std::vector<std::size_t>& sizes) {
    Vectors result;
    for (const std::size_t size : sizes) {
      const auto* data = reinterpret_cast<const double*>(machine.output(first++));
      result.emplace_back(data, data + size);
    }
    return result;
  }

  static std::vector<std::size_t> sizes(const Vectors& vectors) {
    std::vector<std::size_t> result;
    for (const auto& vector : vectors) result.push_back(vector.size());
    return result;
  }

  std::vector<const void*> at(const Vectors& x) const {
    std::vector<const void*> inputs = pointers_;
    for (std::size_t i = 0; i < real_.size(); ++i) inputs[real_[i]] = x[i].data();
    return inputs;
  }

  const Vectors& evaluate(const Vectors& x) {
    run(value_, at(x));
    std::vector<std::size_t> result_sizes;
    for (const auto& leaf : Leaves<typename Tags::Result>::list()) result_sizes.push_back(leaf.size);
    outputs_ = outputs(value_, 0, result_sizes);
    return outputs_;
  }

  Vectors forward(const Vectors& v) {
    std::vector<const void*> inputs = at(x_);
    for (const auto& vector : v) inputs.push_back(vector.data());
    run(forward_, inputs);
    return outputs(forward_, outputs_.size(), sizes(outputs_));
  }

  Vectors reverse(const Vectors& u) {
    std::vector<const void*> inputs = at(x_);
    for (const auto& vector : u) inputs.push_back(vector.data());
    run(reverse_, inputs);
    return outputs(reverse_, outputs_.size(), sizes(x_));
  }

  /// The difference of the outputs along v, and in `rounding` what its own rounding may amount to.
  Vectors difference(const Vectors& v, double h, double& rounding) {
    Vectors sum = outputs_;
    double magnitude = 0;
    for (auto& vector : sum) std::fill(vector.begin(), vector.end(), 0.0);
    for (const auto& [offset, weight] : stencil) {
      Vectors x = x_;
      for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t j = 0; j < x[i].size(); ++j) x[i][j] += offset * h * v[i][j];
      }
      const Vectors& y = evaluate(x);
      for (std::size_t i = 0; i < y.size(); ++i) {
        for (std::size_t j = 0; j < y[i].size(); ++j) {
          sum[i][j] += weight / (60 * h) * y[i][j];
          magnitude = std::max(magnitude, std::abs(y[i][j]));
        }
      }
    }
    rounding = 16 * std::numeric_limits<double>::epsilon() * magnitude / h;
    return sum;
  }

  void check_adjoint(double forward, double backward) {
    const double error = relative_error(forward, backward, adjoint_bar, 0);
    report_.adjoint_error = std::max(report_.adjoint_error, error);
    ++report_.checks;
    require(error < adjoint_bar, "forward and reverse mode disagree: <u, J v>", forward, "<J^T u, v>",
            backward);
  }

  void check_tangent(const Vectors& v, const Vectors& tangent) {
    double largest = 1;
    for (const auto& vector : x_) {
      for (const double number : vector) largest = std::max(largest, std::abs(number));
    }
    for (std::size_t i = 0; i < tangent.size(); ++i) {
      for (std::size_t j = 0; j < tangent[i].size(); ++j) {
        const Comparison found = compare(
            tangent[i][j], v, largest, [&](const Vectors& slopes) { return slopes[i][j]; }, 1);
        report_.tangent_error = std::max(report_.tangent_error, found.error);
        require(found.error < tangent_bar,
                "the tangent of result " + std::to_string(i + 1) + ", entry " + std::to_string(j),
                tangent[i][j], "by differences", found.expected);
      }
    }
  }

  /// All entries of a small argument, a random choice of a large one's.
  void check_entries(const Vectors& u, const Vectors& cotangents, Random& random) {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      for (std::size_t n = 0; n < std::min(most_entries, x_[i].size()); ++n) {
        const std::size_t j =
            x_[i].size() <= most_entries ? n : random.below(static_cast<std::uint32_t>(x_[i].size()));
        check_entry(u, cotangents[i][j], i, j);
      }
    }
  }

  void check_entry(const Vectors& u, double got, std::size_t i, std::size_t j) {
    Vectors direction = x_;
    for (auto& vector : direction) std::fill(vector.begin(), vector.end(), 0.0);
    direction[i][j] = 1;
    double weight = 0;
    for (const auto& vector : u) {
      for (const double number : vector) weight += std::abs(number);
    }
    const auto slope = [&](const Vectors& slopes) { return inner_product(u, slopes); };
    const Comparison found = compare(got, direction, std::max(1.0, std::abs(x_[i][j])), slope, weight);
    report_.entry_error = std::max(report_.entry_error, found.error);
    require(found.error < tangent_bar,
            "the gradient of " + leaves_[real_[i]].name + ", entry " + std::to_string(j), got,
            "by differences", found.expected);
  }

  struct Comparison {
    double error = std::numeric_limits<double>::infinity();
    double expected = 0;
  };

  /// A derivative against differences along v. Where the function bends too much for the usual step, shorter
  /// ones follow; the best counts, since a wrong derivative disagrees with all.
  template <class Slope>
  Comparison compare(double got, const Vectors& v, double scale, const Slope& slope, double weight) {
    ++report_.checks;
    Comparison best;
    for (const double part : {1.0, 1.0 / 4, 1.0 / 16}) {
      double rounding = 0;
      const double expected = slope(difference(v, part * stencil_step * scale, rounding));
      const double error = relative_error(got, expected, tangent_bar, rounding * weight);
      if (error < best.error || part == 1.0) best = {error, expected};
      if (best.error < tangent_bar) break;
    }
    return best;
  }

  static void require(bool holds, const std::string& what, double got, const char* reference,
                      double expected) {
    if (holds) return;
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, " is %.17g, %s %.17g", got, reference, expected);
    throw GradientMismatch(what + numbers);
  }

  const std::vector<typename Leaves<Arguments...>::Leaf> leaves_ = Leaves<Arguments...>::list();
  std::vector<const void*> pointers_;
  std::vector<std::size_t> real_;
  Vectors x_;
  Vectors outputs_;
  Machine<double, typename Tags::Value> value_;
  Machine<double, typename Tags::Forward> forward_;
  Machine<double, typename Tags::Reverse> reverse_;
  GradientCheck report_;
};

}  // namespace runtime

/// Checks f's derivatives of first order at the given inputs, in double, with respect to every argument that
/// holds real numbers: forward mode against differences of sixth order along a random direction (1e-8), every
/// entry of a gradient against differences (at most 64 entries of each array), and both modes against each
/// other by the adjoint identity (1e-12). Inputs are what a DoubleProgram takes; the function must be smooth
/// within a few hundredths of them. Throws GradientMismatch, naming the argument, the entry and both numbers.
///
///     check_gradients<Tensor<3>>(f, x)
template <class... Arguments, class F, class... Inputs>
GradientCheck check_gradients(F, const Inputs&... inputs) {
  static_assert(sizeof...(Arguments) == sizeof...(Inputs),
                "check_gradients: name the type of every argument");
  return runtime::GradientChecker<F{}, Arguments...>(inputs...).run(Seed{1});
}

}  // namespace ctgrad
