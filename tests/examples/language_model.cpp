#include "../../examples/support/attention_of_language_model.hpp"
#include "../../examples/support/write_texts.hpp"

#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/decoder_only.hpp>

#include <support/catch.hpp>

#include <cmath>

using namespace ctgrad;

namespace {

constexpr Size vocabulary = 7, length = 6;
using Model = nn::LanguageModel<nn::SequenceModelShape{.vocabulary = vocabulary,
                                                       .length = length,
                                                       .width = 8,
                                                       .heads = 2,
                                                       .hidden = 8,
                                                       .layers = 2,
                                                       .options = {.norm = nn::NormPlacement::pre}}>;
using Ids = Index<1, length>;
constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };
constexpr auto by_definition = [](const auto& model, auto ids) {
  const auto [first, second] = attention_of_language_model(model, ids);
  const auto x = model.positions(model.tokens(ids));
  const auto& [layer, other] = model.layers.layers;
  const auto attended = [](const auto& own, const auto& weights, const auto& y) {
    const auto values =
        permute<0, 2, 1, 3>(reshape<1, length, 2, 4>(own.attention.value(own.attention_norm(y))));
    const auto merged = reshape<1, length, 8>(permute<0, 2, 1, 3>(matmul(weights, values)));
    const auto sum = y + own.attention.output(merged);
    return sum + own.feed_forward(own.feed_forward_norm(sum));
  };
  return model.head(model.layers.norm(attended(other, second, attended(layer, first, x))));
};

xt::xtensor<std::int32_t, 2> some_ids() { return {{3, 1, 4, 1, 5, 2}}; }

}  // namespace

TEST_CASE("from the attention weights of all layers follows what the model predicts", "[examples]") {
  const Parameters<Model> parameters{Seed{21}};
  Program<attention_of_language_model, Model, Ids> look;
  const auto layers = look(parameters, some_ids());
  for (const auto& weights : layers) {
    for (std::size_t head = 0; head < 2; ++head) {
      for (std::size_t row = 0; row < 6; ++row) {
        float sum = 0;
        for (std::size_t column = 0; column < 6; ++column) {
          sum += weights(0, head, row, column);
          if (column > row) CHECK(weights(0, head, row, column) == 0);
        }
        CHECK(std::abs(sum - 1) < 1e-6f);
      }
    }
  }
  Program<predict, Model, Ids> whole;
  Program<by_definition, Model, Ids> rebuilt;
  const auto expected = whole(parameters, some_ids());
  const auto got = rebuilt(parameters, some_ids());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(std::abs(got.data()[i] - expected.data()[i]) < 1e-5f);
}

TEST_CASE("texts begin with the prompt and go on beyond the model's length, as the seed says", "[examples]") {
  const Parameters<Model> parameters{Seed{22}};
  generate::DecoderOnly<Model, 3> decoder;
  decoder.start(parameters);
  for (const generate::Sequence& prompt : {generate::Sequence{2}, {1, 2, 3, 4, 5, 6, 0, 1, 2, 3}}) {
    const auto texts = write_texts(decoder, prompt, 50, {.temperature = 2}, Seed{23});
    REQUIRE(texts.size() == 3);
    for (const auto& text : texts) {
      CHECK(text.size() == prompt.size() + 50);
      CHECK(std::equal(prompt.begin(), prompt.end(), text.begin()));
      for (const std::int32_t id : text) CHECK((id >= 0 && id < vocabulary));
    }
    CHECK(texts[0] != texts[1]);
    CHECK(write_texts(decoder, prompt, 50, {.temperature = 2}, Seed{23}) == texts);
    CHECK(write_texts(decoder, prompt, 50, {.temperature = 2}, Seed{24}) != texts);
  }
}

TEST_CASE("greedy texts are those of the model over the characters before", "[examples]") {
  const Parameters<Model> parameters{Seed{25}};
  generate::DecoderOnly<Model, 1> decoder;
  decoder.start(parameters);
  Program<predict, Model, Ids> whole;
  const auto text = write_texts(decoder, {3, 1, 4}, 4, {.temperature = 0}, Seed{1})[0];
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{length}});
  for (std::size_t position = 3; position < text.size(); ++position) {
    std::copy_n(text.begin(), position, ids.begin());
    const auto logits = whole(parameters, ids);
    const std::span<const float> last(logits.data() + (position - 1) * vocabulary, vocabulary);
    CHECK(text[position] == generate::likeliest(last));
  }
  CHECK_THROWS_AS(write_texts(decoder, {}, 4, {}, Seed{1}), std::invalid_argument);
}
