#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/comma_locale.hpp>

#include <array>
#include <cstdio>
#include <sstream>

namespace ctgrad::test {

namespace {

constexpr auto dense_layer = [](auto x, auto w, auto b) { return relu(matmul(x, w) + b) * 1; };
constexpr auto turned = [](auto x) { return transpose(x); };
constexpr auto rows = [](auto table, auto ids) { return embedding(table, ids); };
constexpr auto scaled = [](auto x) { return 0.5 * exp(x); };
constexpr auto scaled_twice = [](auto x) { return 2 * (3 * x); };

using X = Tensor<2, 3>;
using W = Tensor<3, 4>;
using B = Tensor<4>;

const Costs& after(const Explanation& found, std::string_view pass) {
  for (const Stage& stage : found.stages) {
    if (stage.name == pass) return stage.after;
  }
  throw std::out_of_range("no pass is called " + std::string(pass));
}

bool is_left_out(const Explanation& found, std::string_view pass) {
  for (const Stage& stage : found.stages) {
    if (stage.name == pass) return stage.left_out;
  }
  return false;
}

}  // namespace

TEST_CASE("explain counts what one can count by hand: a linear layer, before and after", "[graph]") {
  const Explanation found = explain<dense_layer, X, W, B>();
  const Costs& before = after(found, "without passes");
  CHECK(before.kernel_calls == 4);  // matmul, +, relu, *
  // matmul 24 + 48 -> 32, + 32 + 16 -> 32, relu 32 -> 32, * 32 -> 32; the 1 is part of the code.
  CHECK(before.bytes == 104 + 80 + 64 + 64);
  CHECK(before.flops == 2 * 2 * 3 * 4 + 3 * 8);
  CHECK(after(found, "dead nodes").flops == before.flops);
  CHECK(after(found, "algebra").kernel_calls == 3);
  CHECK(after(found, "algebra").flops == before.flops - 8);
  CHECK(after(found, "groups by elements and rows").kernel_calls == 2);
  CHECK(after(found, "epilogues") == found.plan());
  CHECK(found.plan().kernel_calls == 1);
  CHECK(found.plan().bytes == 24 + 48 + 16 + 32);
  CHECK(found.plan().arena_bytes == 64);
  CHECK(found.plan().lower_bound == 64);
  CHECK(found.plan().copies == 0);
  CHECK(found.kernels == 1);
}

TEST_CASE("explain counts scalars of any size", "[graph]") {
  CHECK(explain<dense_layer, X, W, B>(sizeof(double)).plan().bytes == 2 * (24 + 48 + 16 + 32));
}

TEST_CASE("a kernel call that only moves numbers is a copy, named with its shape", "[graph]") {
  const Explanation found = explain<turned, X>();
  REQUIRE(found.copies.size() == 1);
  CHECK(found.copies[0].operation == "permute");
  CHECK((found.copies[0].type.shape == shape_of(3, 2)));
  CHECK(found.plan().copies == 1);
  CHECK(found.plan().flops == 0);
  CHECK(found.plan().bytes == 2 * 24);
}

TEST_CASE("of a table only the chosen rows are read", "[graph]") {
  const Explanation found = explain<rows, Tensor<10, 4>, Index<3>>();
  CHECK(found.plan().kernel_calls == 1);
  CHECK(found.plan().bytes == 3 * 16 + 12 + 3 * 16);
  CHECK(found.plan().copies == 0);
}

TEST_CASE("a pass that was left out changes nothing and is said to be", "[graph]") {
  constexpr auto plain = optimize<Optimize{.simplify = false, .elementwise = false}>(scaled_twice);
  const Explanation found = explain<plain, X>();
  CHECK(is_left_out(found, "algebra"));
  CHECK(is_left_out(found, "groups by elements and rows"));
  CHECK_FALSE(is_left_out(found, "constants"));
  CHECK(found.plan().kernel_calls == 2);
  CHECK(explain<scaled_twice, X>().plan().kernel_calls == 1);
}

TEST_CASE("what is explained is what the program runs", "[graph]") {
  constexpr auto f = [](auto x, auto w, auto b) { return sum(square(softmax(dense_layer(x, w, b)))); };
  using Step = Program<value_and_grad(f), X, W, B>;
  const Step step;
  const Explanation found = explain(step);
  CHECK(found.plan().kernel_calls == static_cast<Size>(Step::kernel_calls()));
  CHECK(found.plan().nodes == Step::graph().size());
  CHECK(found.plan().arena_bytes == Step::arena_bytes());
  CHECK(found.plan().lower_bound == Step::arena_lower_bound());
}

TEST_CASE("what mixed precision saves is no pass's work", "[graph]") {
  constexpr auto f = [](auto x, auto w) { return sum(exp(matmul(x, w))); };
  const Explanation in_mixed = explain<mixed(f), Tensor<32, 16>, Tensor<16, 32>>();
  const Explanation in_float = explain<f, Tensor<32, 16>, Tensor<16, 32>>();
  const Costs& before = after(in_mixed, "without passes");
  CHECK(before.bytes < after(in_float, "without passes").bytes);
  CHECK(before == after(in_mixed, "dead nodes"));
}

TEST_CASE("the explanation is constant where its graph is, and has a line for every pass", "[graph]") {
  STATIC_REQUIRE(ctgrad::explain(runtime::Trace<dense_layer, X, W, B>::traced()).plan().kernel_calls == 1);
  const Explanation found = explain<dense_layer, X, W, B>();
  std::ostringstream text;
  text << found;
  for (const passes::Pass& pass : passes::pipeline)
    CHECK(text.str().find("\n" + std::string(pass.name)) != std::string::npos);
  for (const plan::PlanPass& pass : plan::plan_passes)
    CHECK(text.str().find("\n" + std::string(pass.name)) != std::string::npos);
  CHECK(text.str().find("plan: 1 kernel calls a run, 1 kernels, 0 copies, arena 1.000 times") !=
        std::string::npos);
}

TEST_CASE("tables, drawings and explanations are the same in every locale", "[graph]") {
  const auto all = [] {
    const Program<scaled, Tensor<1234>> program;
    std::ostringstream text;
    text << table(program.graph()) << dot(program.graph()) << explain<scaled, Tensor<1234>>();
    return text.str();
  };
  const std::string expected = all();
  CHECK_THAT(expected, contains(" 0.5"));
  const CommaLocale locale;
  if (locale.in_c) {
    std::array<char, 8> half{};
    std::snprintf(half.data(), half.size(), "%.1f", 0.5);
    REQUIRE(half.data() == std::string("0,5"));
  }
  std::ostringstream number;
  number << 1234.5;
  REQUIRE(number.str() == "1.234,5");
  CHECK(all() == expected);
}

}  // namespace ctgrad::test
