#include <nn/public_files.hpp>

#include <cstdio>

/// A BERT with the weights that tests/reference/hugging_face_models.py wrote.
namespace {

using namespace ctgrad;

constexpr double bar = 1e-10, float_bar = 1e-5;
constexpr nn::BertShape shape{
    .vocabulary = 29, .length = 10, .width = 8, .heads = 2, .hidden = 12, .layers = 2};
using Model = nn::Bert<shape>;
using WithoutPooler = nn::Bert<nn::BertShape{
    .vocabulary = 29, .length = 10, .width = 8, .heads = 2, .hidden = 12, .layers = 2, .pooler = false}>;
using Ids = Index<3, 7>;
using Each = Index<3>;
using Vectors = Tensor<3, 8>;

constexpr auto seen = [](auto lengths) { return nn::padding_mask<7>(lengths); };
constexpr auto outputs = [](const auto& model, auto ids, auto types, auto lengths) {
  const auto hidden = model(ids, types, seen(lengths));
  return std::tuple{hidden, model.pooled(hidden), nn::sentence_embedding(hidden, lengths)};
};
constexpr auto of_one_type = [](const auto& model, auto ids, auto lengths) {
  return model(ids, seen(lengths));
};
constexpr auto embed = [](const auto& model, auto ids, auto types, auto lengths) {
  const auto hidden = model(ids, types, seen(lengths));
  return std::tuple{nn::sentence_embedding(hidden, lengths), nn::sentence_embedding(hidden, seen(lengths))};
};
constexpr auto loss = [](const auto& model, auto ids, auto types, auto lengths, auto weights,
                         auto pooled_weights) {
  const auto hidden = model(ids, types, seen(lengths));
  return sum(nn::sentence_embedding(hidden, lengths) * weights) + sum(model.pooled(hidden) * pooled_weights);
};
constexpr auto dropping = [](const auto& model, auto ids, auto key) { return model(ids, key); };

io::Safetensors file() { return test::reference("bert.safetensors"); }

template <class Scalar>
Parameters<Model, Scalar> parameters() {
  Parameters<Model, Scalar> loaded{Undrawn{}};
  io::load_parameters(file(), loaded, io::hugging_face::bert(), {.prefix = "model/", .narrow = true});
  return loaded;
}

}  // namespace

TEST_CASE("a BERT with the reference's weights gives its hidden states, pooled and sentence vectors") {
  const io::Safetensors reference = file();
  const auto ids = reference.read<std::int32_t>("ids"), types = reference.read<std::int32_t>("types"),
             lengths = reference.read<std::int32_t>("lengths");
  DoubleProgram<outputs, Model, Ids, Ids, Each> program;
  DoubleProgram<of_one_type, Model, Ids, Each> one_type;
  const auto weights = parameters<double>();
  const auto [hidden, pooled, embedding] = program(weights, ids, types, lengths);
  const double errors[] = {
      test::largest_difference(hidden, reference.read<double>("hidden")),
      test::largest_difference(pooled, reference.read<double>("pooled")),
      test::largest_difference(embedding, reference.read<double>("embedding")),
      test::largest_difference(one_type(weights, ids, lengths), reference.read<double>("one_type"))};
  for (const double error : errors) CHECK(error < bar);

  std::printf("figure: BERT's hidden states %.1e, pooled %.1e, embeddings %.1e (bar %.0e)\n", errors[0],
              errors[1], errors[2], bar);
}

TEST_CASE("a BERT's gradients are the reference's") {
  const io::Safetensors reference = file();
  DoubleProgram<value_and_grad(loss), Model, Ids, Ids, Each, Vectors, Vectors> program;
  const auto result = program(parameters<double>(), reference.read<std::int32_t>("ids"),
                              reference.read<std::int32_t>("types"), reference.read<std::int32_t>("lengths"),
                              reference.read<double>("weights"), reference.read<double>("pooled_weights"));
  CHECK(std::abs(result.value - reference.read<double>("loss")()) < bar);
  const double largest =
      test::check_public_gradients(result.gradients, reference, io::hugging_face::bert(), bar);
  std::printf("figure: gradients of a BERT: largest error %.1e (bar %.0e)\n", largest, bar);
}

TEST_CASE("what stands behind a sentence changes no bit of its embedding, and a mask does what lengths do") {
  const io::Safetensors reference = file();
  xt::xtensor<std::int32_t, 2> ids = reference.read<std::int32_t>("ids");
  const auto types = reference.read<std::int32_t>("types"), lengths = reference.read<std::int32_t>("lengths");
  const auto weights = parameters<float>();
  Program<embed, Model, Ids, Ids, Each> program;
  const auto [by_lengths, by_mask] = program(weights, ids, types, lengths);
  const xt::xtensor<float, 2> before = by_lengths;
  CHECK(std::equal(before.begin(), before.end(), by_mask.begin()));
  const double error = test::largest_difference(before, reference.read<double>("embedding"));
  CHECK(error < float_bar);
  std::printf("figure: BERT's embeddings in float %.1e (bar %.0e)\n", error, float_bar);
  for (std::size_t t = 4; t < 7; ++t) ids(1, t) = 28 - ids(1, t);
  const xt::xtensor<float, 2> padded = std::get<0>(program(weights, ids, types, lengths));
  CHECK(std::equal(before.begin(), before.end(), padded.begin()));
  ids(1, 3) = 28 - ids(1, 3);
  const xt::xtensor<float, 2> other = std::get<0>(program(weights, ids, types, lengths));
  CHECK(other(1, 0) != before(1, 0));
}

TEST_CASE("a BERT drops behind its embeddings, and in every layer, with a key") {
  constexpr const auto& graph = Frozen<runtime::Trace<dropping, Model, Ids, Key>>::graph;
  STATIC_REQUIRE(count<ops::KeepMask>(graph) == 1 + 2 * 2);
  STATIC_REQUIRE(count<ops::Attention>(graph) == 2);
  constexpr const auto& inference = Frozen<runtime::Trace<of_one_type, Model, Ids, Each>>::graph;
  STATIC_REQUIRE(count<ops::KeepMask>(inference) == 0);
}

TEST_CASE("BERT's files load with a prefix or without one, and by the names of their first years") {
  const auto expected = parameters<double>();
  const auto same = [&](const test::Rename& rename) {
    const auto found = test::loaded<Model>(test::changed_file(file(), rename), io::hugging_face::bert());
    return std::ranges::equal(found.flat(), expected.flat());
  };
  const auto bare = [](const std::string& name) {
    return name.starts_with("cls.") ? std::string() : test::replaced(name, "bert.", "");
  };
  CHECK(same([](const std::string& name) { return name; }));
  CHECK(same(bare));
  CHECK(same([&](const std::string& name) {
    return test::replaced(test::replaced(bare(name), "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias",
                          "LayerNorm.beta");
  }));
  CHECK(same([](const std::string& name) { return name.ends_with("position_ids") ? std::string() : name; }));
}

TEST_CASE("a pooler on one side alone is refused by its names, unless the map leaves it alone") {
  const auto all = [](const std::string& name) { return name; };
  const auto without = [](const std::string& name) {
    return name.find("pooler") == std::string::npos ? name : std::string();
  };
  const io::NameMap names = io::hugging_face::bert();
  CHECK_THROWS_WITH(test::loaded<WithoutPooler>(test::changed_file(file(), all), names),
                    "F: 2 tensors do not fit\n"
                    "  'bert.pooler.dense.bias': expected no such tensor, got F64 [8]\n"
                    "  'bert.pooler.dense.weight': expected no such tensor, got F64 [8, 8]");
  CHECK_THROWS_WITH(
      test::loaded<Model>(test::changed_file(file(), without), names),
      "F: 2 tensors do not fit\n"
      "  'pooler.weight' from 'pooler.dense.weight': expected a tensor [8, 8], got none of this name\n"
      "  'pooler.bias' from 'pooler.dense.bias': expected a tensor [8], got none of this name");
  const auto loaded = test::loaded<WithoutPooler>(test::changed_file(file(), all),
                                                  names + io::hugging_face::without_pooler());
  const auto expected = parameters<double>();
  for (const FlatEntry& entry : loaded.entries())
    CHECK(std::ranges::equal(loaded.span(entry.name), expected.span(entry.name)));
}
