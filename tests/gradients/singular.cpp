#include "singular_vectors.hpp"

#include <support/catch.hpp>
#include <support/compute.hpp>
#include <support/function.hpp>

#include <ctgrad/autodiff/jacobian.hpp>
#include <ctgrad/passes/fold.hpp>

#include <cmath>
#include <cstdio>

/// Derivatives at singular points, in every mode to order 2: right, NaN or infinite, but never finite and
/// wrong (jax#21723, HIPS/autograd#183).
namespace ctgrad::test {

namespace {

struct Tally {
  int right = 0;
  int not_finite = 0;
  int wrong = 0;

  void add(double got, double truth, const std::string& where) {
    const bool exact =
        std::isfinite(truth) ? std::abs(got - truth) <= 1e-9 * (1 + std::abs(truth)) : !std::isfinite(got);
    ++(exact ? right : std::isfinite(got) ? wrong : not_finite);
    if (!exact && std::isfinite(got)) std::printf("%s: %.17g, not %.17g\n", where.c_str(), got, truth);
  }
  int count() const { return right + not_finite + wrong; }
};

/// x -> f(x), or the same as a recomputed function.
Function function_of(Value (*f)(Value), Size size, bool recomputed) {
  Graph graph;
  const Value x = add_input(graph, {Kind::real, shape_of(size)});
  const Value y = recomputed ? emit<ops::RecomputeEnd>(f(emit<ops::RecomputeBegin>(x))) : f(x);
  add_output(graph, total(y));
  return {graph, {0}};
}

class SingularCheck {
 public:
  SingularCheck(const SingularVector& row, Tally& tally) : row_(row), n_(row.at.size()), tally_(tally) {}

  void run() {
    for (const bool recomputed : {false, true}) {
      const Function f = function_of(row_.f, static_cast<Size>(n_), recomputed);
      for (const bool simplified : {false, true}) {
        simplified_ = simplified;
        check(f);
      }
    }
  }

 private:
  Numbers vector(const std::vector<double>& of) const {
    Numbers result(std::vector<std::size_t>{n_});
    std::copy(of.begin(), of.end(), result.begin());
    return result;
  }
  Numbers unit(std::size_t i) const {
    std::vector<double> numbers(n_);
    numbers[i] = 1;
    return vector(numbers);
  }

  std::vector<Numbers> at(Function f, const std::vector<Numbers>& more) const {
    if (simplified_) f.graph = passes::simplify(passes::fold(f.graph));
    return evaluate(f, {vector(row_.at)}, more);
  }

  void add(const char* mode, double got, double truth) {
    tally_.add(got, truth, std::string(row_.name) + ", " + mode);
  }
  void add_row(const char* mode, const Numbers& got, std::size_t i) {
    for (std::size_t j = 0; j < n_; ++j) add(mode, got(j), row_.hessian[i * n_ + j]);
  }

  /// Inputs of second derivatives are x, the first direction or cotangent, then those of both.
  void check(const Function& f) {
    const Numbers one{1.0};
    const Numbers scalar_one(std::vector<std::size_t>{}, 1.0);
    const Numbers scalar_zero(std::vector<std::size_t>{}, 0.0);
    const Numbers zero = vector(std::vector<double>(n_));
    const Numbers gradient = at(reverse(f), {scalar_one})[0];
    const Function ff = forward(forward(f));
    const Function fr = forward(reverse(f));
    const Function rf = reverse(forward(f));
    const Function rr = reverse(reverse(f));
    for (std::size_t i = 0; i < n_; ++i) {
      add("forward", at(forward(f), {unit(i)})[0](), row_.gradient[i]);
      add("reverse", gradient(i), row_.gradient[i]);
      for (std::size_t j = 0; j < n_; ++j)
        add("forward forward", at(ff, {unit(i), unit(j), zero})[0](), row_.hessian[i * n_ + j]);
      add_row("forward reverse", at(fr, {scalar_one, unit(i), scalar_zero})[0], i);
      const std::vector<Numbers> of_forward = at(rf, {unit(i), scalar_one});
      add_row("reverse forward", of_forward[0], i);
      for (std::size_t j = 0; j < n_; ++j)
        add("reverse forward, direction", of_forward[1](j), row_.gradient[j]);
      const std::vector<Numbers> of_reverse = at(rr, {scalar_one, unit(i)});
      add_row("reverse reverse", of_reverse[0], i);
      add("reverse reverse, cotangent", of_reverse[1](), row_.gradient[i]);
    }
  }

  const SingularVector& row_;
  std::size_t n_;
  Tally& tally_;
  bool simplified_ = false;
};

SingularVector as_vector(const SingularPoint& p) { return {p.name, p.f, {p.at}, {p.slope}, {p.curvature}}; }

template <class Points, class Vectors>
Tally tally_of(const Points& points, const Vectors& vectors) {
  Tally tally;
  for (const SingularPoint& point : points) SingularCheck(as_vector(point), tally).run();
  for (const SingularVector& row : vectors) SingularCheck(row, tally).run();
  return tally;
}

constexpr auto entropy = [](auto x) { return sum(select(x > 0, x * log(x), 0)); };
constexpr auto roots = [](auto x) { return sum(sqrt(x)); };
constexpr auto norm_squared = [](auto x) { return square(sqrt(sum(square(x)))); };
constexpr auto entropies = [](auto x) { return vmap(grad(entropy))(x); };
constexpr auto recomputed_entropy = recompute(entropy);

}  // namespace

TEST_CASE("programs are right behind branches not taken, and nowhere finite and wrong", "[gradients]") {
  using X = Tensor<2>;
  const Numbers x{0, 1};
  CHECK((compute<double, hessian(entropy), X>({x})[0] == Numbers{{0, 0}, {0, 1}}));
  CHECK((compute<double, hessian(recomputed_entropy), X>({x})[0] == Numbers{{0, 0}, {0, 1}}));
  CHECK((compute<double, entropies, Tensor<2, 2>>({{{0, 1}, {-1, 1}}})[0] == Numbers{{0, 1}, {0, 1}}));
  CHECK((compute<double, hessian(roots), X>({x})[0] == Numbers{{-infinity, 0}, {0, -0.25}}));
  const Numbers at_zero = compute<double, hessian(norm_squared), X>({{0, 0}})[0];
  for (const double entry : at_zero) CHECK(!std::isfinite(entry));
}

TEST_CASE("no derivative up to order 2, in any mode, is finite and wrong at a singular point",
          "[gradients]") {
  const Tally singular = tally_of(singular_points, singular_vectors);
  const Tally branches = tally_of(branch_points, branch_vectors);
  CHECK(branches.not_finite == 0);
  const int wrong = singular.wrong + branches.wrong;
  CHECK(wrong == 0);
  std::printf(
      "gradients: singular points: %zu functions, %d derivatives in every mode to order 2: right %d, NaN or "
      "inf "
      "%d, finite and wrong %d (bar 0); on branches not taken: right %d of %d: %s\n",
      std::size(singular_points) + std::size(singular_vectors) + std::size(branch_points) +
          std::size(branch_vectors),
      singular.count() + branches.count(), singular.right + branches.right,
      singular.not_finite + branches.not_finite, wrong, branches.right, branches.count(),
      wrong == 0 && branches.not_finite == 0 ? "ok" : "MISSED");
}

}  // namespace ctgrad::test
