#include <ctgrad/io/parameters.hpp>
#include <ctgrad/nn/attention.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>
#include <numeric>

/// Models of which a file holds some parameters, tensors of which a parameter is a part, and models in
/// several files.
namespace {

using namespace ctgrad;
using namespace ctgrad::io;

struct Model {
  using Layers = std::array<nn::Linear<2, 3>, 2>;
  using Gain = Parameter<init::ones>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Layers, layers), (Gain, gain));
};

std::vector<float> numbers_of(const Parameters<Model>& parameters) {
  return {parameters.flat().begin(), parameters.flat().end()};
}

std::vector<double> counting(std::size_t size) {
  std::vector<double> numbers(size);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return numbers;
}

Safetensors opened(std::vector<NamedTensor> tensors) {
  return {SafetensorsImage("F", std::move(tensors), {}).bytes(), "F"};
}

/// Those of the parameters whose names begin so.
std::vector<NamedTensor> some(const Parameters<Model>& parameters, const std::string& beginning) {
  std::vector<NamedTensor> tensors = named_tensors(parameters.entries(), parameters.flat());
  std::erase_if(tensors, [&](const NamedTensor& tensor) { return !tensor.name.starts_with(beginning); });
  return tensors;
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

/// The model in two shards, and an index of its own words.
class Shards {
 public:
  Shards() : parameters_{Seed{1}} {
    write_safetensors(folder_ / "one.safetensors", some(parameters_, "layers.0."));
    std::vector<NamedTensor> rest = some(parameters_, "layers.1.");
    rest.push_back(some(parameters_, "gain")[0]);
    write_safetensors(folder_ / "two.safetensors", rest);
  }

  const Parameters<Model>& parameters() const { return parameters_; }
  std::filesystem::path index() const { return folder_ / "model.safetensors.index.json"; }

  /// Loads by an index of that weight_map.
  void load(const std::string& map, Parameters<Model>& into) const {
    write(index(), R"({"metadata": {"total_size": 76}, "weight_map": {)" + map + "}}");
    load_parameters(index(), into);
  }

  /// What an index of that whole text is refused with, behind its own name; nothing has changed then.
  std::string refusal(const std::string& text) const {
    write(index(), text);
    Parameters<Model> into{Seed{2}};
    const std::vector<float> before = numbers_of(into);
    std::string message;
    try {
      load_parameters(index(), into);
    } catch (const SafetensorsError& error) {
      message = error.what();
    }
    CHECK(numbers_of(into) == before);
    const std::string name = index().string() + ": ";
    CHECK(message.starts_with(name));
    return message.substr(std::min(name.size(), message.size()));
  }
  std::string refusal_of_map(const std::string& map) const {
    return refusal(R"({"weight_map": {)" + map + "}}");
  }

 private:
  test::TemporaryFolder folder_;
  Parameters<Model> parameters_;
};

const std::string layer_0 = R"("layers.0.weight": "one.safetensors", "layers.0.bias": "one.safetensors")";
const std::string layer_1 = R"("layers.1.weight": "two.safetensors", "layers.1.bias": "two.safetensors")";
const std::string gain = R"("gain": "two.safetensors")";

}  // namespace

TEST_CASE("parameters that may be missing stay as they are, and their names are told", "[parameters]") {
  const Parameters<Model> saved{Seed{1}};
  Parameters<Model> loaded{Seed{2}};
  loaded.span("gain")[0] = 7;
  loaded.span("layers.0.bias")[1] = 8;
  const std::vector<float> before = numbers_of(loaded);
  const Safetensors file = opened(some(saved, "layers.1."));
  CHECK_THROWS_WITH(load_parameters(file, loaded), Catch::Contains("3 tensors do not fit"));
  CHECK(numbers_of(loaded) == before);

  std::vector<std::string> missing{"of an earlier load"};
  load_parameters(file, loaded, {}, {.allow_missing = &missing});
  CHECK(missing == std::vector<std::string>{"layers.0.weight", "layers.0.bias", "gain"});
  for (const char* name : {"layers.1.weight", "layers.1.bias"})
    CHECK(std::ranges::equal(loaded.span(name), saved.span(name)));
  CHECK(loaded.span("gain")[0] == 7);
  CHECK(loaded.span("layers.0.bias")[1] == 8);

  load_parameters(opened(some(saved, "")), loaded, {}, {.allow_missing = &missing});
  CHECK(missing.empty());
}

TEST_CASE("what is there must fit also where others may be missing", "[parameters]") {
  const std::vector<float> three(3);
  Parameters<Model> parameters{Seed{2}};
  const std::vector<float> before = numbers_of(parameters);
  std::vector<std::string> missing{"untouched"};
  const LoadOptions options{.allow_missing = &missing};
  CHECK_THROWS_WITH(load_parameters(opened({named_tensor("gain", {3}, three)}), parameters, {}, options),
                    "F: 1 tensor does not fit\n  'gain': expected [], got [3]");
  const Safetensors bias = opened({named_tensor("layers.0.bias", {3}, three)});
  CHECK_THROWS_WITH(load_parameters(bias, parameters, {}, {.prefix = "x.", .allow_missing = &missing}),
                    "F: 1 tensor does not fit\n  parameters: expected a tensor for at least one of 5, got "
                    "none: see the prefix and the names");
  CHECK_THROWS_WITH(load_parameters(opened({named_tensor("layers.0.bias", {3}, three),
                                            named_tensor("layers.2.bias", {3}, three)}),
                                    parameters, {}, options),
                    "F: 1 tensor does not fit\n  'layers.2.bias': expected no such tensor, got F32 [3]");
  CHECK(numbers_of(parameters) == before);
  CHECK(missing == std::vector<std::string>{"untouched"});
}

TEST_CASE("parts lie along any axis: query, key and value side by side", "[parameters]") {
  struct Attention {
    using Layer = nn::MultiHeadAttention<4, 2>;
    BOOST_HANA_DEFINE_STRUCT(Attention, (Layer, layer));
  };
  const std::vector<double> fused = counting(48), biases = counting(12), output = counting(16);
  const Safetensors file =
      opened({named_tensor("fused.weight", {4, 12}, fused), named_tensor("fused.bias", {12}, biases),
              named_tensor("turned", {4, 4}, output),
              named_tensor("layer.output.bias", {4}, std::span(output).first(4))});
  const auto part = [](std::size_t number) {
    return NameMap{{"weight", "fused.weight", {.part = number, .parts = 3, .axis = 1}},
                   {"bias", "fused.bias", {.part = number, .parts = 3}}};
  };
  const NameMap names = part(0).under("layer.query.", "") + part(1).under("layer.key.", "") +
                        part(2).under("layer.value.", "") +
                        NameMap{{"layer.output.weight", "turned", layout::transposed}};
  Parameters<Attention, double> parameters{Seed{1}};
  load_parameters(file, parameters, names);
  std::size_t number = 0;
  for (const std::string projection : {"layer.query.", "layer.key.", "layer.value."}) {
    for (std::size_t row = 0; row < 4; ++row) {
      CHECK(parameters.span(projection + "bias")[row] == biases[4 * number + row]);
      for (std::size_t column = 0; column < 4; ++column)
        CHECK(parameters.span(projection + "weight")[4 * row + column] ==
              fused[12 * row + 4 * number + column]);
    }
    ++number;
  }
}

TEST_CASE("a part of a matrix that the file holds the other way round", "[parameters]") {
  struct Pair {
    using Matrix = Parameter<init::zeros, 2, 3>;
    BOOST_HANA_DEFINE_STRUCT(Pair, (Matrix, left), (Matrix, right));
  };
  const std::vector<double> theirs = counting(12);  // [3, 4]: ours, [2, 3] each, transposed and side by side
  const NameMap names{{"left", "w", {.transposed = true, .part = 0, .parts = 2, .axis = 1}},
                      {"right", "w", {.transposed = true, .part = 1, .parts = 2, .axis = 1}}};
  Parameters<Pair, double> parameters{Seed{1}};
  load_parameters(opened({named_tensor("w", {3, 4}, theirs)}), parameters, names);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      CHECK(parameters.span("left")[3 * row + column] == theirs[4 * column + row]);
      CHECK(parameters.span("right")[3 * row + column] == theirs[4 * column + 2 + row]);
    }
  }
  const NameMap mixed{{"left", "w", {.part = 0, .parts = 2, .axis = 1}},
                      {"right", "w", {.part = 1, .parts = 2, .axis = 0}}};
  CHECK_THROWS_WITH(load_parameters(opened({named_tensor("w", {2, 6}, theirs)}), parameters, mixed),
                    "F: 2 tensors do not fit\n  'right' from 'w': expected [4, 3], got [2, 6]\n  'w': "
                    "expected all 2 parts to be asked for, got nothing that asks for part 0");
  const NameMap beyond{{"left", "w", {.part = 0, .parts = 2, .axis = 2}}};
  CHECK_THROWS_WITH(load_parameters(opened({named_tensor("w", {2, 6}, theirs)}), parameters, beyond),
                    Catch::Contains("'left' from 'w': expected an array with an axis 2, counted from 0, got "
                                    "[2, 3]"));
}

TEST_CASE("a model in several files is loaded by their index", "[parameters]") {
  const Shards shards;
  Parameters<Model> loaded{Seed{2}};
  REQUIRE(numbers_of(loaded) != numbers_of(shards.parameters()));
  shards.load(layer_0 + ", " + layer_1 + ", " + gain, loaded);
  CHECK(numbers_of(loaded) == numbers_of(shards.parameters()));

  Safetensors file = read_safetensors_index(shards.index());
  const Safetensors copy = file;
  file = opened({});  // the copy keeps the shards' bytes
  CHECK(copy.names() == std::vector<std::string>{"gain", "layers.0.bias", "layers.0.weight", "layers.1.bias",
                                                 "layers.1.weight"});
  CHECK(copy.read<float>("layers.1.weight")(1, 2) == shards.parameters().span("layers.1.weight")[5]);
  CHECK_THROWS_WITH(copy.at("head"),
                    Catch::Contains("model.safetensors.index.json: tensor 'head': expected a tensor of this "
                                    "name, got only 'gain'"));
}

TEST_CASE("a shard that is not there, or not what the index says, is refused by its name", "[parameters]") {
  const Shards shards;
  const std::string rest = layer_0 + ", " + layer_1 + ", ";
  CHECK_THAT(shards.refusal_of_map(rest + R"("gain": "three.safetensors")"),
             Catch::StartsWith("weight_map: 'gain': expected a shard 'three.safetensors' that can be read, "
                               "got ") &&
                 Catch::EndsWith("three.safetensors: cannot be opened: No such file or directory"));
  CHECK(shards.refusal_of_map(rest + gain + R"(, "head": "two.safetensors")") ==
        "weight_map: 'head': expected a tensor of that name in its shard 'two.safetensors', got none");
  CHECK(shards.refusal_of_map(rest + R"("gain": "one.safetensors")") ==
        "weight_map: 'gain': expected a tensor of that name in its shard 'one.safetensors', got none");
  CHECK(shards.refusal_of_map(layer_0 + ", " + layer_1) ==
        "weight_map: 'gain': expected 'two.safetensors', which holds it, got no entry");
}

TEST_CASE("a shard's path that leaves the folder of the index is refused", "[parameters]") {
  const Shards shards;
  const auto refused = [&](const std::string& path) {
    return shards.refusal_of_map(R"("gain": ")" + path + R"(")");
  };
  const auto message = [](const std::string& path) {
    return "weight_map: 'gain': expected a path within the index's folder, got '" + path + "'";
  };
  for (const std::string path : {"../two.safetensors", "/etc/passwd", "a/../../b", "a/..", "..", ""})
    CHECK(refused(path) == message(path));
  CHECK(refused("two.safetensors\\u0000x") == message("two.safetensors\\x00x"));
}

TEST_CASE("an index that is none is refused", "[parameters]") {
  const Shards shards;
  CHECK_THAT(shards.refusal("{"), Catch::StartsWith("index: expected JSON, got "));
  CHECK_THAT(shards.refusal("\x80"), Catch::StartsWith("index: expected JSON, got "));
  const std::string expected = "index: expected an object with an object 'weight_map', got ";
  CHECK(shards.refusal("[]") == expected + "array");
  CHECK(shards.refusal("{}") == expected + "none");
  CHECK(shards.refusal(R"({"weight_map": 3})") == expected + "number");
  CHECK(shards.refusal(R"({"weight_map": {"gain": ["two"]}})") ==
        "weight_map: 'gain': expected a shard's name, got array");
  CHECK(shards.refusal_of_map(gain + ", " + gain) == "index: expected each key once, got 'gain' again");
  CHECK(shards.refusal(R"({"weight_map": {}, "weight_map": {}})") ==
        "index: expected each key once, got 'weight_map' again");
}
