#include <support/arrays.hpp>
#include <support/check_derivatives.hpp>
#include <support/draw.hpp>

namespace ctgrad::test {

namespace {

constexpr double order_1_bar = 1e-8;
constexpr double order_2_bar = 1e-6;
constexpr double linear_bar = 1e-13;
constexpr double identity_bar = 1e-12;
constexpr std::size_t small_size = 12;

/// One function at one point.
class Case {
 public:
  Case(Row& row, Random& random, const Transforms& transforms, const Function& f, const Point& x,
       bool polynomial, const std::string& where)
      : row_(row),
        random_(random),
        transforms_(transforms),
        f_(f),
        x_(x),
        polynomial_(polynomial),
        where_(where) {}

  void check_order_1() {
    attempt(Column::tangent, [&] {
      const Function tangent = forward(f_, transforms_);
      const std::vector<Numbers> direction = draw_clear_direction(f_, tangent, x_);
      compare_with_differences(Column::tangent, evaluate(tangent, x_, direction), f_, x_, direction,
                               order_1_bar);
    });
    check_adjoint(Column::transpose, f_, x_);
    const std::size_t size = std::max(size_of(active_shapes(f_)), size_of(output_shapes(f_)));
    if (size <= small_size) check_jacobian();
  }

  /// Derivatives of the tangent g(x, v) = J v and of the cotangents h(x, u) = transpose(J) u, each with
  /// respect to everything that it depends on.
  void check_order_2() {
    attempt(Column::ff, [&] { check_tangent_of(Column::ff, forward(f_, transforms_)); });
    attempt(Column::fr, [&] { check_tangent_of(Column::fr, reverse(f_, transforms_)); });
    attempt(Column::modes, [&] {
      const Function g = forward(f_, transforms_);
      check_adjoint(Column::modes, g, extended(g));
    });
    attempt(Column::modes, [&] {
      const Function h = reverse(f_, transforms_);
      check_adjoint(Column::modes, h, extended(h));
    });
    attempt(Column::modes, [&] { check_hessian_product(); });
  }

  /// No derivative passes through a constant.
  void check_constant() {
    attempt(Column::exact, [&] {
      const Function tangent = forward(f_, transforms_);
      const Function cotangent = reverse(f_, transforms_);
      check_zeros(evaluate(tangent, x_, draw(active_shapes(f_))), "a constant's tangent");
      check_zeros(evaluate(cotangent, x_, draw(output_shapes(f_))), "a constant's cotangent");
    });
  }

  void check_exact() {
    attempt(Column::exact, [&] {
      const Function tangent = forward(f_, transforms_);
      const Function cotangent = reverse(f_, transforms_);
      const std::vector<Numbers> v = draw(active_shapes(f_));
      const std::vector<Numbers> u = draw(output_shapes(f_));
      const std::vector<Numbers> pulled = evaluate(cotangent, x_, u);
      Checks& checks = row_[Column::exact];
      checks.add(have_shapes(evaluate(tangent, x_, v), output_shapes(f_)), where_ + ": shape of the tangent");
      checks.add(have_shapes(pulled, active_shapes(f_)), where_ + ": shapes of the cotangents");
      const std::vector<Numbers> again = evaluate(reverse(f_, transforms_), x_, u);
      checks.add(equal_bits(pulled, again), where_ + ": backward twice");
      check_zeros(evaluate(tangent, x_, zeros(active_shapes(f_))), "a zero tangent");
      check_zeros(evaluate(cotangent, x_, zeros(output_shapes(f_))), "a zero cotangent");
    });
  }

 private:
  template <class Body>
  void attempt(Column column, Body body) {
    try {
      body();
    } catch (const std::exception& error) {
      row_[column].add_throw(where_ + " throws: " + error.what());
    }
  }

  std::vector<Numbers> draw(const std::vector<Shape>& shapes) {
    std::vector<Numbers> numbers;
    for (const Shape& shape : shapes) numbers.push_back(draw_direction(random_, shape));
    return numbers;
  }

  /// Of a few draws the one whose smallest entry of compute(draw), zeros apart, is the largest: where a
  /// derivative cancels, its relative error would be the rounding of the differences.
  template <class Compute>
  std::vector<Numbers> draw_clear(const std::vector<Shape>& shapes, Compute compute) {
    std::vector<Numbers> best;
    double clearest = -1;
    for (int i = 0; i < 8; ++i) {
      std::vector<Numbers> drawn = draw(shapes);
      const double smallest = smallest_entry(compute(drawn));
      if (smallest > clearest) best = std::move(drawn);
      clearest = std::max(clearest, smallest);
    }
    return best;
  }
  std::vector<Numbers> draw_clear_direction(const Function& f, const Function& tangent, const Point& x) {
    return draw_clear(active_shapes(f),
                      [&](const auto& direction) { return evaluate(tangent, x, direction); });
  }

  /// x followed by numbers for the further inputs of a derivative.
  Point extended(const Function& derivative) {
    Point point = x_;
    for (std::size_t i = x_.size(); i < derivative.graph.inputs.size(); ++i)
      point.push_back(draw_direction(random_, derivative.graph[derivative.graph.inputs[i]].shape()));
    return point;
  }

  void compare_with_differences(Column column, const std::vector<Numbers>& found, const Function& f,
                                const Point& x, const std::vector<Numbers>& direction, double bar) {
    if (polynomial_) bar = linear_bar;
    const std::vector<Numbers> expected =
        polynomial_ ? unit_difference(f, x, direction) : stencil(f, x, direction);
    row_[column].add(largest_error(found, expected, bar), bar, where_);
  }

  void check_tangent_of(Column column, const Function& f) {
    const Point x = extended(f);
    const std::vector<Numbers> direction = draw(active_shapes(f));
    compare_with_differences(column, evaluate(forward(f, transforms_), x, direction), f, x, direction,
                             order_2_bar);
  }

  /// <u, J v> = <transpose(J) u, v>, u having the signs of J v so that nothing cancels.
  void check_adjoint(Column column, const Function& f, const Point& x) {
    attempt(column, [&] {
      const Function push = forward(f, transforms_);
      const std::vector<Numbers> v = draw_clear_direction(f, push, x);
      std::vector<Numbers> tangent = evaluate(push, x, v);
      std::vector<Numbers> u = draw(output_shapes(f));
      for (std::size_t k = 0; k < size_of(output_shapes(f)); ++k)
        element(u, k) = std::copysign(element(u, k), element(tangent, k));
      const std::vector<Numbers> pulled = evaluate(reverse(f, transforms_), x, u);
      double error = std::numeric_limits<double>::infinity();
      if (have_shapes(pulled, active_shapes(f)))
        error = error_between(inner_product(u, tangent), inner_product(pulled, v), identity_bar);
      row_[column].add(error, identity_bar, where_);
    });
  }

  /// Every entry: forward against differences, reverse against forward.
  void check_jacobian() {
    attempt(Column::transpose, [&] {
      const Function tangent = forward(f_, transforms_);
      const Function cotangent = reverse(f_, transforms_);
      const std::vector<Shape> outputs = output_shapes(f_);
      std::vector<std::vector<Numbers>> rows;
      for (std::size_t i = 0; i < size_of(outputs); ++i)
        rows.push_back(evaluate(cotangent, x_, unit(outputs, i)));
      for (std::size_t j = 0; j < size_of(active_shapes(f_)); ++j) {
        const std::vector<Numbers> direction = unit(active_shapes(f_), j);
        std::vector<Numbers> column = evaluate(tangent, x_, direction);
        compare_with_differences(Column::tangent, column, f_, x_, direction, order_1_bar);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const double error = error_between(element(rows[i], j), element(column, i), identity_bar);
          row_[Column::transpose].add(error, identity_bar, where_);
        }
      }
    });
  }

  /// sum_i u_i f_i''(x) v: by forward over reverse, reverse over forward and reverse over reverse, and by
  /// differences of transpose(J) u in the direction v.
  void check_hessian_product() {
    const Function g = forward(f_, transforms_);
    const Function h = reverse(f_, transforms_);
    const Function second = forward(h, transforms_);
    const std::vector<Numbers> v = draw(active_shapes(f_));
    std::vector<Numbers> along = zeros(active_shapes(h));
    for (std::size_t i = 0; i < v.size(); ++i) along[position(h, f_.active[i])] = v[i];
    const std::vector<Numbers> u = draw_clear(
        output_shapes(f_), [&](const auto& drawn) { return evaluate(second, joined(x_, drawn), along); });
    const Point at_u = joined(x_, u);
    const std::vector<Numbers> fr = evaluate(second, at_u, along);

    const auto check_reverse = [&](Column column, const Function& first, const Point& point,
                                   const std::vector<Numbers>& cotangents, const std::vector<Numbers>& last) {
      attempt(column, [&] {
        const std::vector<Numbers> pulled = evaluate(reverse(first, transforms_), point, cotangents);
        std::vector<Numbers> found;
        for (const std::size_t operand : f_.active) found.push_back(pulled[position(first, operand)]);
        compare_with_differences(column, found, h, at_u, along, order_2_bar);
        row_[Column::modes].add(error_of_largest(found, fr), identity_bar, where_);
        const auto tail = static_cast<std::ptrdiff_t>(last.size());
        row_[Column::modes].add(error_of_largest({pulled.end() - tail, pulled.end()}, last), identity_bar,
                                where_);
      });
    };
    check_reverse(Column::rf, g, joined(x_, v), u, evaluate(h, at_u));
    check_reverse(Column::rr, h, at_u, v, evaluate(g, joined(x_, v)));
  }

  static Point joined(Point x, const std::vector<Numbers>& more) {
    x.insert(x.end(), more.begin(), more.end());
    return x;
  }

  /// The position of an input among the active ones.
  static std::size_t position(const Function& f, std::size_t input) {
    return static_cast<std::size_t>(std::find(f.active.begin(), f.active.end(), input) - f.active.begin());
  }

  void check_zeros(const std::vector<Numbers>& numbers, const char* what) {
    bool all = true;
    for (const Numbers& each : numbers) {
      for (const double number : each) all = all && number == 0;
    }
    row_[Column::exact].add(all, where_ + ": " + what);
  }

  Row& row_;
  Random& random_;
  const Transforms& transforms_;
  const Function& f_;
  const Point& x_;
  bool polynomial_;
  const std::string& where_;
};

}  // namespace

void check_derivatives(Row& row, const Record& record, const Transforms& transforms) {
  const Operation& op = *record.operation;
  Random random = random_for(op);
  for (const Sample& sample : record.samples().accepted) {
    std::vector<int> choices = differentiable(op, sample);
    if (choices.empty()) continue;
    if (choices.size() == 1) choices.clear();
    choices.insert(choices.begin(), -1);
    const Point x = draw(random, op, sample);
    for (const int only : choices) {
      const Function f = function_of(op, sample, only);
      const std::string where =
          describe(op, sample) + (only < 0 ? "" : ", operand " + std::to_string(only) + " alone");
      Case each(row, random, transforms, f, x, op.linearity != Linearity::nonlinear, where);
      if (op.linearity == Linearity::constant) {
        each.check_constant();
        continue;
      }
      each.check_order_1();
      each.check_order_2();
      each.check_exact();
    }
  }
}

void check_refusals(Row& row, const Record& record) {
  const Operation& op = *record.operation;
  for (const Sample& sample : record.samples().refused) {
    std::vector<Type> types;
    std::string where(op.name);
    for (const Sample::Operand& operand : sample.operands) {
      types.push_back(operand.type);
      where += " " + to_string(operand.type);
    }
    types.resize(max_operands);
    bool refused = false;
    try {
      op.infer(types.data(), sample.attributes);
    } catch (const std::invalid_argument& error) {
      refused = std::string_view(error.what()).starts_with(std::string(op.name) + ": ");
    }
    row[Column::refused].add(refused, where);
  }
}

}  // namespace ctgrad::test
