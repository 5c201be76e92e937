#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cstdio>

namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<16, 16>,          tokens),
    (nn::Encoder<6, 16, 2, 32>,      encoder),
    (nn::Linear<16, 16>,             head));
};
constexpr auto loss_after = [](const auto& model, auto targets, auto encoded) {
  return cross_entropy(model.head(encoded), targets);
};
constexpr auto kept = [](const auto& model, auto ids, auto targets) {
  return loss_after(model, targets, model.encoder(model.tokens(ids)));
};
constexpr auto recomputing = [](const auto& model, auto ids, auto targets) {
  auto x = model.tokens(ids);
  for (const auto& layer : model.encoder.layers) x = recompute(layer)(x);
  return loss_after(model, targets, x);
};
using Ids = Index<8, 12>;

constexpr auto inner = [](auto x) { return tanh(x) * exp(x); };

}  // namespace

TEST_CASE("recomputing each of six encoder layers halves the arena, and the gradients are equal bits") {
  Program<value_and_grad(kept), Model, Ids, Ids> plain;
  Program<value_and_grad(recomputing), Model, Ids, Ids> recomputed;
  const Parameters<Model> parameters{Seed{1}};
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({8, 12});
  for (int i = 0; i < 96; ++i) ids.data()[i] = i * 7 % 16;
  const auto a = plain(parameters, ids, ids);
  const auto b = recomputed(parameters, ids, ids);
  CHECK(a.value == b.value);
  CHECK(std::equal(a.gradients.flat().begin(), a.gradients.flat().end(), b.gradients.flat().begin()));
  CHECK(2 * recomputed.arena_bytes() <= plain.arena_bytes());
  std::printf("figure: recomputing 6 layers: arena %lld of %lld bytes (bar: half), %zu kernel calls of %zu\n",
              static_cast<long long>(recomputed.arena_bytes()), static_cast<long long>(plain.arena_bytes()),
              recomputed.kernel_calls(), plain.kernel_calls());
}

TEST_CASE("recomputed functions within recomputed ones, and their second derivatives, change no number") {
  constexpr auto f = [](auto x) { return sum(inner(inner(x)) * x); };
  constexpr auto g = [](auto x) {
    const auto outer = [](auto y) { return recompute(inner)(recompute(inner)(y)); };
    return sum(recompute(outer)(x) * x);
  };
  DoubleProgram<jvp(grad(f)), Tensor<3>, Tensor<3>> plain;
  DoubleProgram<jvp(grad(g)), Tensor<3>, Tensor<3>> recomputed;
  const xt::xtensor<double, 1> x = {0.2, -0.7, 0.4};
  const xt::xtensor<double, 1> v = {1, 0.5, -2};
  const auto a = plain(x, v);
  const auto b = recomputed(x, v);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_THAT(b.value(i), Catch::Matchers::WithinRel(a.value(i), 1e-14));
    CHECK_THAT(b.tangent(i), Catch::Matchers::WithinRel(a.tangent(i), 1e-13));
  }
}

TEST_CASE("no derivative passes through stop_gradient, in either mode") {
  constexpr auto f = [](auto x) { return sum(stop_gradient(square(x)) * x); };
  DoubleProgram<grad(f), Tensor<2>> reverse;
  DoubleProgram<jvp(f), Tensor<2>, Tensor<2>> forward;
  const xt::xtensor<double, 1> x = {3, -2};
  const xt::xtensor<double, 1> v = {1, 10};
  const auto slopes = reverse(x);
  CHECK(slopes(0) == 9);
  CHECK(slopes(1) == 4);
  const auto both = forward(x, v);
  CHECK(both.value == 27 - 8);
  CHECK(both.tangent == 9 + 40);
}
