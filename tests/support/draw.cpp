#include <support/catch.hpp>
#include <support/draw.hpp>
#include <support/operations.hpp>

#include <algorithm>

namespace ctgrad::test {

namespace {

constexpr double grid = 1.0 / 1024;

/// A multiple of 1/1024 in [low, high].
double draw_between(Random& random, double low, double high) {
  const auto cells = static_cast<std::uint32_t>((high - low) / grid);
  return low + grid * random.below(cells + 1);
}

double draw_real(Random& random, Domain domain) {
  if (domain == Domain::positive) return draw_between(random, 0.5, 2.5);
  if (domain == Domain::nonzero) return draw_between(random, 0.5, 2.5) * (random.below(2) == 0 ? -1 : 1);
  if (domain == Domain::inside) return draw_between(random, -0.5, 0.5);
  return draw_between(random, -2, 2);
}

Numbers filled(const Shape& shape, const std::function<double()>& next) {
  Numbers result(extents(shape));
  for (double& number : result) number = next();
  return result;
}

/// An eighth apart and off 0 by a sixteenth, in random order.
std::vector<double> draw_apart(Random& random, std::size_t count) {
  const std::size_t middle = count / 2;
  std::vector<double> numbers;
  for (std::size_t i = 0; i < count; ++i)
    numbers.push_back((static_cast<double>(i) - static_cast<double>(middle)) / 8 + 0.0625);
  for (std::size_t i = count; i > 1; --i)
    std::swap(numbers[i - 1], numbers[random.below(static_cast<std::uint32_t>(i))]);
  return numbers;
}

Numbers draw_integers(Random& random, const Operation& op, const Sample& sample, std::size_t operand) {
  const Type type = input_types(op, sample)[operand];
  if (static_cast<int>(operand) != op.ids_operand)
    return filled(type.shape, [&] { return static_cast<double>(random.below(4)) - 1; });
  Type operands[max_operands];
  for (std::size_t i = 0; i < sample.operands.size(); ++i) operands[i] = sample.operands[i].type;
  const auto limit =
      static_cast<std::uint32_t>(op.id_limit(operands, result_type(op, sample), sample.attributes));
  return filled(type.shape, [&] { return static_cast<double>(random.below(limit)); });
}

}  // namespace

Numbers draw_direction(Random& random, const Shape& shape) {
  return filled(shape, [&] { return draw_between(random, -1, 1); });
}

std::vector<Numbers> draw(Random& random, const Operation& op, const Sample& sample) {
  const std::vector<Type> types = input_types(op, sample);
  Size apart = 0;
  for (const Sample::Operand& operand : sample.operands)
    apart += operand.domain == Domain::apart ? operand.type.shape.size() : 0;
  std::vector<double> distant = draw_apart(random, static_cast<std::size_t>(apart));
  std::vector<Numbers> values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const Domain domain = sample.operands.empty() ? Domain::any : sample.operands[i].domain;
    if (types[i].kind == Kind::index) {
      values.push_back(draw_integers(random, op, sample, i));
    } else if (types[i].kind == Kind::mask) {
      values.push_back(filled(types[i].shape, [&] { return static_cast<double>(random.below(2)); }));
    } else if (domain == Domain::apart) {
      values.push_back(filled(types[i].shape, [&] {
        const double number = distant.back();
        distant.pop_back();
        return number;
      }));
    } else {
      values.push_back(filled(types[i].shape, [&] { return draw_real(random, domain); }));
    }
  }
  return values;
}

Random random_for(const Operation& op) { return Random(Seed{seed()}, op.hash); }

}  // namespace ctgrad::test
