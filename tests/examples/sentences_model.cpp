#include "../../examples/support/sentences/pair_task.hpp"
#include "../../examples/support/sentences/search.hpp"
#include "../../examples/support/sentences/text_embedder.hpp"
#include "sentences/small_model.hpp"

#include <ctgrad/io/read_file.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>

/// What the example makes of texts with the model that tests/reference/sentence_model.py wrote.
namespace {

using namespace sentences;
using ctgrad::test::TemporaryFolder;

constexpr double bar = 2e-6, padding_bar = 1e-6;

std::filesystem::path model_folder() {
  return std::filesystem::path(CTGRAD_REFERENCE_DIR) / "sentence_model";
}

struct Reference {
  Texts texts{"text"};
  std::vector<Tokens> ids{};
  std::vector<std::vector<double>> vectors{};
};

Reference reference() {
  Reference reference;
  for (const std::string& line :
       lines_of_text(ctgrad::io::read_file(model_folder() / "texts.jsonl", 1 << 20))) {
    const auto values = nlohmann::json::parse(line);
    reference.texts.texts.push_back(values.at("text"));
    reference.ids.push_back(values.at("ids"));
    reference.vectors.push_back(values.at("embedding"));
  }
  return reference;
}

template <class Vector, class Other>
double largest_difference(const Vector& a, const Other& b) {
  double largest = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A copy of the model's folder in which `name` has `text` in the place of `what`.
std::string refusal_of(const std::string& name, const std::string& what, const std::string& text) {
  const TemporaryFolder folder;
  std::filesystem::copy(model_folder(), folder / "model", std::filesystem::copy_options::recursive);
  const std::filesystem::path path = folder / "model" / name;
  std::string contents = std::filesystem::exists(path) ? ctgrad::io::read_file(path, 1 << 20) : what;
  const std::size_t at = contents.find(what);
  REQUIRE(at != std::string::npos);
  write(path, contents.replace(at, what.size(), text));
  try {
    TextEmbedder embedder(folder / "model", compiled_small_model());
  } catch (const std::exception& error) {
    return std::string(error.what()).substr(path.string().size());
  }
  return "none";
}

}  // namespace

TEST_CASE("texts have the ids and the vectors of transformers, alone and together") {
  const Reference expected = reference();
  TextEmbedder embedder(model_folder(), compiled_small_model());
  const TextEmbedder::Encoded encoded = embedder.encode(expected.texts);
  CHECK(encoded.ids == expected.ids);
  CHECK(encoded.truncated == 1);
  const Embeddings together = embedder.embed(encoded.ids);
  REQUIRE(together.size() == expected.texts.size());
  double largest = 0, apart = 0;
  for (std::size_t i = 0; i < together.size(); ++i) {
    largest = std::max(largest, largest_difference(together[i], expected.vectors[i]));
    const std::vector<float> alone = embedder.embed(expected.texts.texts[i], "text");
    apart = std::max(apart, largest_difference(alone, together[i]));
  }
  CHECK(largest < bar);
  CHECK(apart < padding_bar);
  std::printf("figure: sentences: from transformers %.1e (bar %.0e), alone from together %.1e (bar %.0e)\n",
              largest, bar, apart, padding_bar);
}

TEST_CASE("a text that is no UTF-8 is refused by its place") {
  const TextEmbedder embedder(model_folder(), compiled_small_model());
  CHECK_THROWS_WITH(embedder.encode(Texts{"F: line", {"a", "b\xFF"}}), ctgrad::test::contains("F: line 2: "));
}

TEST_CASE("another model than was compiled is refused by the file and the key") {
  const std::string compiled = ", as the program is compiled for, got ";
  CHECK(refusal_of("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3") ==
        ": num_hidden_layers: expected 2" + compiled + "3");
  CHECK(refusal_of("config.json", "\"num_attention_heads\": 2", "\"num_attention_heads\": 4") ==
        ": num_attention_heads: expected 2" + compiled + "4");
  CHECK(refusal_of("config.json", "\"gelu\"", "\"relu\"") ==
        ": hidden_act: expected \"gelu\"" + compiled + "\"relu\"");
  CHECK(refusal_of("config.json", "layer_norm_eps", "other") ==
        ": layer_norm_eps: expected 1e-12" + compiled + "none");
  CHECK(refusal_of("config.json", "{", "") == ": expected an object of JSON, got none");
  CHECK(refusal_of("vocab.txt", "[PAD]\n", "[PAD]\nmore\n") ==
        ": expected at most 37 tokens, as the model has, got 38");
  CHECK(refusal_of("sentence_bert_config.json", "32", "1") ==
        ": max_seq_length: expected a whole number from 2 on, got 1");
  CHECK(refusal_of("tokenizer_config.json", "", "{\"do_lower_case\": 1}") ==
        ": do_lower_case: expected true or false, got 1");
}

TEST_CASE("an index of a folder is brought up to date, and finds what is nearest") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "texts/below");
  std::filesystem::create_directories(folder / "texts/.hidden");
  write(folder / "texts/a.txt", "A cat sat on the mat.\n\nthe big red dog ran\n");
  write(folder / "texts/below/b.txt", "\ntwo men\n");
  write(folder / "texts/.hidden/c.txt", "one woman");
  write(folder / "texts/bytes", "\xFF\xFE");
  TextEmbedder embedder(model_folder(), compiled_small_model());
  const std::filesystem::path file = folder / "index";

  IndexUpdate update = update_index(file, folder / "texts", embedder);
  CHECK(update.embedded == 2);
  CHECK(update.kept == 0);
  CHECK(update.skipped.size() == 1);
  CHECK(update.index.passages == std::vector<Passage>{{0, 21, 1}, {23, 42, 3}, {1, 8, 2}});
  const auto found = search(read_index_of(file, embedder), "two men", 2, embedder);
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == "below/b.txt");
  CHECK(found[0].line == 2);
  CHECK(found[0].text == "two men");
  CHECK(found[0].cosine > 1 - 1e-6);

  write(folder / "texts/below/b.txt", "one woman\n");
  CHECK(search(read_index_of(file, embedder), "two men", 1, embedder)[0].text.empty());
  update = update_index(file, folder / "texts", embedder);
  CHECK(update.embedded == 1);
  CHECK(update.kept == 1);
  for (std::size_t i = 0; i < update.index.passages.size(); ++i) {
    const char* const texts[] = {"A cat sat on the mat.", "the big red dog ran", "one woman"};
    CHECK(largest_difference(update.index.embeddings[i], embedder.embed(texts[i], "text")) < padding_bar);
  }
  Index other = read_index(file, embedder.width());
  std::swap(other.probe[0], other.probe[1]);
  {
    ctgrad::io::FileLock lock(file);
    write_index(lock, other);
  }
  CHECK_THROWS_WITH(read_index_of(file, embedder),
                    ctgrad::test::contains("expected an index that this model"));
}

TEST_CASE("a threshold of the cosine tells most pairs right") {
  const Pairs pairs{{2, {1, 0, 1, 0, 1, 0, 1, 0}}, {2, {1, 0, 0.8f, 0.6f, 0.6f, 0.8f, 0, 1}}, {1, 1, 0, 0}};
  const double threshold = best_threshold(pairs);
  CHECK(threshold == Approx(0.7));
  const PairScores right = score(pairs, 0, threshold, std::vector<double>{0.9, 0.2, 0.1, 0.1});
  CHECK(right.majority == 0.5);
  CHECK(right.by_cosine == 1);
  CHECK(right.by_network == 0.75);
}

TEST_CASE("a classifier of pairs learns over mixed lengths, and says the same when it was saved") {
  const Reference known = reference();
  std::vector<ScoredPair> pairs;  // similar are those of a cosine from 0.973 on, half of them
  for (std::size_t i = 0; i < known.texts.size(); ++i) {
    for (std::size_t j = 0; j < known.texts.size(); ++j) {
      const double cosine =
          std::inner_product(known.vectors[i].begin(), known.vectors[i].end(), known.vectors[j].begin(), 0.0);
      pairs.push_back({known.texts.texts[i], known.texts.texts[j], cosine < 0.973 ? 0.0 : 5.0});
    }
  }
  TextEmbedder embedder(model_folder(), compiled_small_model());
  const PairTask task = pair_task(pairs, "F", 3, 1, embedder);
  CHECK(task.held_out.size() == pairs.size() / 3);
  const auto classifier = compiled_small_model().make_classifier();
  const PairTraining training{.seed = 1, .steps = 2000};
  classifier->train(task.training, training);
  const std::vector<double> before = classifier->probabilities(task.held_out);
  const PairScores right = score(task.held_out, 1, best_threshold(task.training), before);
  CHECK(right.by_network > right.majority + margin);
  CHECK(right.by_cosine > 0.9);
  std::printf(
      "figure: pairs told right: all alike %.2f, by cosine %.2f, by a classifier %.2f (margin %.2f)\n",
      right.majority, right.by_cosine, right.by_network, margin);

  const TemporaryFolder folder;
  classifier->save(folder / "saved");
  const auto loaded = compiled_small_model().make_classifier();
  loaded->load(folder / "saved");
  CHECK(loaded->probabilities(task.held_out) == before);
  classifier->train(task.training, training);
  CHECK(classifier->probabilities(task.held_out) == before);
}

TEST_CASE("pairs too few, or all of one kind, are refused") {
  TextEmbedder embedder(model_folder(), compiled_small_model());
  std::vector<ScoredPair> pairs(29, {"a cat", "a dog", 1});
  CHECK_THROWS_WITH(pair_task(pairs, "F", 3, 1, embedder), "F: expected at least 30 pairs, got 29");
  pairs.resize(40, {"a cat", "the cat", 2});
  CHECK_THROWS_WITH(pair_task(pairs, "F", 3, 1, embedder),
                    ctgrad::test::contains("--similar-from: expected similar and other pairs"));
}
