#include <nn/masked.hpp>

/// Multi-head attention with a mask of its own for every head and query, wherever a mask can be given.
namespace {

using namespace ctgrad;

using Attention = nn::MultiHeadAttention<8, 2>;
using X = Tensor<2, 3, 8>;
using Memory = Tensor<2, 4, 8>;
using Seen = Mask<2, 2, 3, 4>;

constexpr auto everywhere = [](const auto& attention, auto x, auto memory, auto seen) {
  return std::tuple{attention.weights(x, memory, seen), attention(x, memory, seen),
                    attention.over(x, attention.keys_and_values(memory), seen)};
};
constexpr auto loss = [](const auto& attention, auto x, auto memory, auto seen, auto u) {
  return sum(u * attention(x, memory, seen)) +
         sum(u * attention.over(x, attention.keys_and_values(memory), seen));
};
constexpr auto loss_of_weights = [](const auto& attention, auto x, auto memory, auto seen) {
  return sum(square(attention.weights(x, memory, seen)));
};

/// In sequence 0 nobody sees key 3; query 1 of sequence 0 sees nothing, query 2 only by its second head; in
/// sequence 1 nobody sees anything.
xt::xtensor<bool, 4> seen_keys() {
  xt::xtensor<bool, 4> seen = xt::zeros<bool>({2, 2, 3, 4});
  for (std::size_t head = 0; head < 2; ++head) {
    for (std::size_t s = 0; s < 3; ++s) {
      seen(0, head, 0, s) = true;
      seen(0, head, 2, s) = head == 1;
    }
  }
  return seen;
}

constexpr auto step = [](const auto& attention, auto x, auto positions, auto cache) {
  const auto stepped = attention.step(x, positions, cache);
  return std::tuple{stepped.output, stepped.rows};
};
constexpr auto loss_of_step = [](const auto& attention, auto x, auto positions, auto cache, auto u) {
  return sum(u * attention.step(x, positions, cache).output);
};

}  // namespace

TEMPLATE_TEST_CASE("weights are 0 where a mask hides a key, and sum to 1 where a query sees any", "", float,
                   double) {
  using S = TestType;
  Random random(Seed{test::seed()});
  const auto attention = test::varied_parameters<Attention, S>();
  const auto x = test::random_array<S, 3>({2, 3, 8}, random);
  const auto memory = test::random_array<S, 3>({2, 4, 8}, random);
  const auto seen = seen_keys();
  BasicProgram<S, everywhere, Attention, X, Memory, Seen> program;
  const auto [weights, direct, over] = program(attention, x, memory, seen);
  for (std::size_t row = 0; row < 12; ++row) {
    double sum = 0;
    bool any = false;
    for (std::size_t key = 0; key < 4; ++key) {
      const S weight = weights.data()[4 * row + key];
      CHECK((weight > 0) == seen.data()[4 * row + key]);
      any = any || seen.data()[4 * row + key];
      sum += static_cast<double>(weight);
    }
    CHECK_THAT(sum, Catch::Matchers::WithinAbs(any ? 1 : 0, test::sum_bar<S>));
  }
  CHECK(std::equal(direct.begin(), direct.end(), over.begin()));
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(direct(0, 1, i) == attention["output.bias"](i));
    for (std::size_t t = 0; t < 3; ++t) CHECK(direct(1, t, i) == attention["output.bias"](i));
  }
}

TEMPLATE_TEST_CASE("what a mask hides takes no gradient of attention or of its weights", "", float, double) {
  using S = TestType;
  Random random(Seed{test::seed()});
  const auto attention = test::varied_parameters<Attention, S>();
  const auto x = test::random_array<S, 3>({2, 3, 8}, random);
  const auto memory = test::random_array<S, 3>({2, 4, 8}, random);
  const auto u = test::random_array<S, 3>({2, 3, 8}, random);
  const auto check = [&](const auto& gradients) {
    const auto& [by_attention, by_x, by_memory] = gradients;
    CHECK(test::finite(by_attention.flat()));
    CHECK(test::magnitude_of_row(by_x, 0, 0) > 0);
    CHECK(test::magnitude_of_row(by_x, 0, 1) == 0);
    CHECK(test::magnitude_of_row(by_x, 0, 2) > 0);
    for (std::size_t t = 0; t < 3; ++t) CHECK(test::magnitude_of_row(by_x, 1, t) == 0);
    CHECK(test::ends_with_zeros(by_memory, {3, 0}));
  };
  BasicProgram<S, value_and_grad<0, 1, 2>(loss), Attention, X, Memory, Seen, X> outputs;
  STATIC_REQUIRE(count<ops::Attention>(outputs.graph()) == 1);  // both are the same
  check(outputs(attention, x, memory, seen_keys(), u).gradients);
  BasicProgram<S, value_and_grad<0, 1, 2>(loss_of_weights), Attention, X, Memory, Seen> weights;
  check(weights(attention, x, memory, seen_keys()).gradients);
}

TEMPLATE_TEST_CASE("a step sees its own token and those before it: others have no influence or gradient", "",
                   float, double) {
  using S = TestType;
  using Cache = nn::KeysAndValues<3, 2, 4, 4>;
  using Rows = nn::KeysAndValues<3, 2, 1, 4>;
  using Token = Tensor<3, 1, 8>;
  Random random(Seed{test::seed()});
  const auto attention = test::varied_parameters<Attention, S>();
  const auto x = test::random_array<S, 3>({3, 1, 8}, random);
  const auto u = test::random_array<S, 3>({3, 1, 8}, random);
  const xt::xtensor<std::int32_t, 1> positions = {0, 2, 3};
  State<Cache, S> cache;
  for (S& number : cache.flat()) number = static_cast<S>(random.normal());
  BasicProgram<S, step, Attention, Token, Index<3>, Cache> program;
  const auto [output, rows] = program(attention, x, positions, cache);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(rows)>, FlatView<Rows, const S>>);
  const xt::xtensor<S, 3> before = output;

  BasicProgram<S, value_and_grad<0, 1, 3>(loss_of_step), Attention, Token, Index<3>, Cache, Token> gradient;
  const auto gradients = gradient(attention, x, positions, cache, u).gradients;
  CHECK(test::finite(std::get<0>(gradients).flat()));
  CHECK(test::finite(std::get<1>(gradients)));
  for (const char* name : {"keys", "values"}) {
    const auto by_cache = std::get<2>(gradients).span(name);
    const auto changed = cache.span(name);
    for (std::size_t i = 0; i < by_cache.size(); ++i) {
      const std::size_t sequence = i / 32, token = i / 4 % 4;
      const bool seen = static_cast<std::int32_t>(token) < positions(sequence);
      CHECK((by_cache[i] != 0) == seen);
      if (!seen) changed[i] = static_cast<S>(1e6);
    }
  }
  const auto [after, same] = program(attention, x, positions, cache);
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
}
