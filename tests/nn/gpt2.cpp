#include <ctgrad/generate/decoder_only.hpp>
#include <ctgrad/generate/greedy.hpp>
#include <nn/public_files.hpp>
#include <nn/stepping.hpp>

#include <cstdio>

/// A GPT-2 with the weights that tests/reference/hugging_face_models.py wrote.
namespace {

using namespace ctgrad;

constexpr double bar = 1e-10;
constexpr Size length = 10, vocabulary = 29;
using Model = nn::Gpt2<nn::Gpt2Shape{
    .vocabulary = vocabulary, .length = length, .width = 8, .heads = 2, .hidden = 12, .layers = 2}>;
using Ids = Index<2, length>;
using Each = Index<2>;

constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };
constexpr auto loss = [](const auto& model, auto ids) {
  return cross_entropy(slice<1, 0, length - 1>(model(ids)), slice<1, 1, length>(ids));
};
constexpr auto step = [](const auto& model, auto ids, auto positions, auto cache) {
  return model.step(ids, positions, cache);
};
constexpr auto dropping = [](const auto& model, auto ids, auto key) { return model(ids, key); };

io::Safetensors file() { return test::reference("gpt2.safetensors"); }
std::string unchanged(const std::string& name) { return name; }

Parameters<Model, double> parameters() {
  return test::loaded<Model>(test::changed_file(file(), unchanged), io::hugging_face::gpt2());
}

}  // namespace

TEST_CASE("a GPT-2 with the reference's weights gives its logits, its loss and its gradients") {
  const io::Safetensors reference = file();
  const auto ids = reference.read<std::int32_t>("ids");
  const auto weights = parameters();
  DoubleProgram<predict, Model, Ids> program;
  DoubleProgram<value_and_grad(loss), Model, Ids> training;
  const double error = test::largest_difference(program(weights, ids), reference.read<double>("logits"));
  CHECK(error < bar);
  const auto result = training(weights, ids);
  CHECK(std::abs(result.value - reference.read<double>("loss")()) < bar);
  const double largest =
      test::check_public_gradients(result.gradients, reference, io::hugging_face::gpt2(), bar);
  std::printf("figure: GPT-2's logits %.1e, gradients %.1e (bar %.0e)\n", error, largest, bar);
}

TEST_CASE("a GPT-2 token by token is the whole one, and writes what the reference writes") {
  const io::Safetensors reference = file();
  const test::Ids2 ids = reference.read<std::int32_t>("ids");
  const auto weights = parameters();
  using Cache = typename Model::template Cache<2>;
  DoubleProgram<predict, Model, Ids> whole;
  DoubleProgram<step, Model, Each, Each, Cache> one;
  Random random(Seed{test::seed()});
  const auto errors = test::errors_of_steps<Cache, double>(
      ids, whole(weights, ids),
      [&](const auto& tokens, const auto& positions, const auto& cache) {
        return one(weights, tokens, positions, cache);
      },
      random);
  CHECK(errors.largest < 1e-12);
  CHECK(errors.allocations == 0);

  generate::DecoderOnly<Model, 2, 1, double> decoder;
  decoder.start(weights);
  const generate::Sequences prompts{{ids(0, 0), ids(0, 1)}, {ids(1, 0), ids(1, 1)}};
  const auto texts = generate::greedy(decoder, prompts, {.length = 8});
  const auto expected = reference.read<std::int32_t>("written");
  for (std::size_t text = 0; text < 2; ++text)
    CHECK(std::equal(texts[text].begin(), texts[text].end(), &expected(text, 0), &expected(text, 0) + 8));
}

TEST_CASE("a GPT-2 has no weights of a head, and drops with a key behind its embeddings and in layers") {
  CHECK(parameters().entries().back().name == "layers.norm.shift");
  constexpr const auto& graph = Frozen<runtime::Trace<dropping, Model, Ids, Key>>::graph;
  STATIC_REQUIRE(count<ops::KeepMask>(graph) == 1 + 2 * 2);
}

TEST_CASE("GPT-2's files load with a prefix, and with a head that is the table of tokens once more") {
  const auto expected = parameters();
  const auto prefixed = [](const std::string& name) { return "transformer." + name; };
  const io::SafetensorsEntry table = file().at("model/wte.weight");
  const io::NameMap names = io::hugging_face::gpt2();
  const auto with_head = [&](std::span<const std::byte> bytes) {
    return test::loaded<Model>(
        test::changed_file(file(), prefixed, {{"lm_head.weight", table.dtype, table.shape, bytes}}), names);
  };
  CHECK(std::ranges::equal(test::loaded<Model>(test::changed_file(file(), prefixed), names).flat(),
                           expected.flat()));
  CHECK(std::ranges::equal(with_head(table.bytes).flat(), expected.flat()));
  std::vector<std::byte> other(table.bytes.begin(), table.bytes.end());
  other.back() ^= std::byte{1};
  CHECK_THROWS_WITH(with_head(other),
                    "F: 1 tensor does not fit\n"
                    "  'tokens.table' from 'transformer.wte.weight': expected the same numbers in "
                    "'lm_head.weight', got others, so this is a model that has an array for each");
}
