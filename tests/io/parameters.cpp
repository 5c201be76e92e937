#include "safetensors_by_hand.hpp"

#include <ctgrad/io/parameters.hpp>
#include <ctgrad/nn/attention.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

using namespace ctgrad;
using namespace ctgrad::io;
using by_hand::Bytes;
using Extents = std::vector<std::size_t>;

namespace {

struct Model {
  using Layers = std::array<nn::Linear<2, 3>, 2>;
  using Gain = Parameter<init::ones>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Layers, layers), (Gain, gain));
};

/// A file of the model's own names and shapes, of numbers 1, 2, 3, ...
template <class Scalar>
std::vector<std::pair<std::vector<std::size_t>, std::vector<Scalar>>> contents() {
  std::vector<std::pair<std::vector<std::size_t>, std::vector<Scalar>>> tensors;
  Scalar next = 1;
  for (const FlatEntry& entry : Parameters<Model, Scalar>::entries()) {
    tensors.push_back(
        {extents(entry.shape), std::vector<Scalar>(static_cast<std::size_t>(entry.shape.size()))});
    for (Scalar& number : tensors.back().second) number = next++;
  }
  return tensors;
}

Safetensors opened(std::vector<NamedTensor> tensors) {
  return {SafetensorsImage("F", std::move(tensors), {}).bytes(), "F"};
}

template <class Scalar>
std::vector<Scalar> flat(const Parameters<Model, Scalar>& parameters) {
  return {parameters.flat().begin(), parameters.flat().end()};
}

/// Loads, expecting a refusal that leaves everything as it was; gives its reasons.
template <class Scalar = float>
std::vector<std::string> refusal(const Safetensors& file, const NameMap& names = {},
                                 const LoadOptions& options = {}) {
  Parameters<Model, Scalar> parameters{Seed{5}};
  const std::vector<Scalar> before = flat(parameters);
  std::vector<std::string> problems;
  try {
    load_parameters(file, parameters, names, options);
  } catch (const TensorMismatch& error) {
    problems = error.problems;
    CHECK(std::string(error.what()).starts_with("F: " + std::to_string(problems.size()) + " tensor"));
    REQUIRE(problems.size() < 100);
    for (const std::string& problem : problems) CHECK_THAT(error.what(), Catch::Contains("\n  " + problem));
  }
  CHECK(flat(parameters) == before);
  return problems;
}

}  // namespace

TEST_CASE("parameters that were saved are loaded bit for bit", "[parameters]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  Parameters<Model> saved{Seed{1}}, loaded{Seed{2}};
  saved.span("layers.1.bias")[2] = -0.0f;
  saved.span("gain")[0] = std::numeric_limits<float>::denorm_min();
  REQUIRE(flat(saved) != flat(loaded));
  save_parameters(path, saved, {{"steps", "20"}});
  load_parameters(path, loaded);
  CHECK(std::ranges::equal(std::as_bytes(saved.flat()), std::as_bytes(loaded.flat())));
  const Safetensors file = read_safetensors(path);
  CHECK(file.metadata() == Metadata{{"steps", "20"}});
  CHECK(file.names() == std::vector<std::string>{"gain", "layers.0.bias", "layers.0.weight", "layers.1.bias",
                                                 "layers.1.weight"});
  CHECK(file.at("layers.0.weight").shape == std::vector<std::size_t>{2, 3});
}

TEST_CASE("float numbers load as double, and double ones as float where that is asked for", "[parameters]") {
  const test::TemporaryFolder folder;
  Parameters<Model> narrow{Seed{1}};
  Parameters<Model, double> wide{Seed{2}};
  save_parameters(folder / "narrow", narrow);
  load_parameters(folder / "narrow", wide);
  CHECK(wide.span("layers.0.weight")[3] == static_cast<double>(narrow.span("layers.0.weight")[3]));

  wide.span("gain")[0] = 1.0 / 3;
  save_parameters(folder / "wide", wide);
  const std::vector<float> before = flat(narrow);
  CHECK_THROWS_WITH(load_parameters(folder / "wide", narrow),
                    Catch::Contains("5 tensors do not fit") &&
                        Catch::Contains("\n  'gain': expected real numbers that 24 bits hold, got F64"));
  CHECK(flat(narrow) == before);
  load_parameters(folder / "wide", narrow, {}, {.narrow = true});
  CHECK(narrow.span("gain")[0] == 1.0f / 3);

  wide.span("gain")[0] = 1e39;
  save_parameters(folder / "wide", wide);
  CHECK(refusal(
            Safetensors(
                SafetensorsImage("F", named_tensors(wide.entries(), std::as_const(wide).flat()), {}).bytes(),
                "F"),
            {}, {.narrow = true}) ==
        std::vector<std::string>{"'gain': expected numbers up to 3.4028234663852886e+38, got 1e+39"});
}

TEST_CASE("numbers that are not finite load as they are, as the format allows", "[parameters]") {
  const float infinity = std::numeric_limits<float>::infinity();
  Parameters<Model> saved{Seed{1}}, loaded{Seed{2}};
  saved.span("layers.0.bias")[0] = std::nanf("");
  saved.span("gain")[0] = -infinity;
  load_parameters(opened(named_tensors(saved.entries(), std::as_const(saved).flat())), loaded);
  CHECK(std::ranges::equal(std::as_bytes(saved.flat()), std::as_bytes(loaded.flat())));
}

TEST_CASE("a type without numbers is refused by its name where it is asked for", "[parameters]") {
  for (const std::string dtype : {"C64", "F4", "F8_E8M0", "F8_E4M3FN"}) {
    const std::size_t bytes = dtype == "F4" ? 3 : dtype == "C64" ? 48 : 6;
    const Safetensors file = by_hand::open(
        by_hand::file(by_hand::one(dtype, "[2,3]", "[0," + std::to_string(bytes) + "]"), Bytes(bytes)));
    CHECK(refusal(file, {{"layers.0.weight", "x"}})[0] ==
          "'layers.0.weight' from 'x': expected real numbers that 24 bits hold, got " + dtype);
  }
}

TEST_CASE("halves load too; integers do not", "[parameters]") {
  const auto load_gain = [](const std::string& dtype, const Bytes& number) {
    struct Gain {
      using Number = Parameter<init::ones>;
      BOOST_HANA_DEFINE_STRUCT(Gain, (Number, x));
    };
    Parameters<Gain> parameters{Seed{1}};
    load_parameters(by_hand::open(by_hand::file(
                        by_hand::one(dtype, "[]", "[0," + std::to_string(number.size()) + "]"), number)),
                    parameters);
    return parameters.span("x")[0];
  };
  CHECK(load_gain("F16", by_hand::numbers<std::uint16_t>({0xC000})) == -2);
  CHECK(load_gain("BF16", by_hand::numbers<std::uint16_t>({0xC040})) == -3);
  CHECK_THROWS_WITH(load_gain("I8", by_hand::numbers<std::int8_t>({1})),
                    "F: 1 tensor does not fit\n  'x': expected real numbers that 24 bits hold, got I8");
}

TEST_CASE("everything that does not fit is listed, and nothing is changed", "[parameters]") {
  const auto tensors = contents<float>();
  const std::vector<std::int64_t> integers{1};
  const Safetensors file = opened({named_tensor("layers.0.weight", {3, 2}, tensors[0].second),
                                   named_tensor("layers.0.bias", {3}, tensors[1].second),
                                   named_tensor("layers.1.bias", {1, 3}, tensors[1].second),
                                   named_tensor("gain", {}, integers), named_tensor("steps", {1}, integers)});
  CHECK(refusal(file) ==
        std::vector<std::string>{"'layers.0.weight': expected [2, 3], got [3, 2]",
                                 "'layers.1.weight': expected a tensor [2, 3], got none of this name",
                                 "'layers.1.bias': expected [3], got [1, 3]",
                                 "'gain': expected real numbers that 24 bits hold, got I64",
                                 "'steps': expected no such tensor, got I64 [1]"});
  CHECK(refusal(file, {}, {.ignore_unexpected = true}).size() == 4);
  CHECK(refusal(file, {}, {.prefix = "x/"}) ==
        std::vector<std::string>{
            "'layers.0.weight' from 'x/layers.0.weight': expected a tensor [2, 3], got none of this name",
            "'layers.0.bias' from 'x/layers.0.bias': expected a tensor [3], got none of this name",
            "'layers.1.weight' from 'x/layers.1.weight': expected a tensor [2, 3], got none of this name",
            "'layers.1.bias' from 'x/layers.1.bias': expected a tensor [3], got none of this name",
            "'gain' from 'x/gain': expected a tensor [], got none of this name"});
  CHECK(refusal(file, {{"layers.*.bias", "b.*", layout::transposed},
                       {"layers.*.weight", "w.*", {.transposed = true, .part = 1, .parts = 3}}})[0] ==
        "'layers.0.weight' from 'w.0': expected a tensor [9, 2], got none of this name");
  CHECK(refusal(file, {{"layers.*.bias", "layers.*.bias", layout::transposed}})[1] ==
        "'layers.0.bias': expected a matrix to transpose, got [3]");
}

TEST_CASE("parts lie inside their tensor, and all of them are asked for", "[parameters]") {
  const std::vector<float> numbers(12);
  const std::span<const float> all = numbers;
  const Safetensors file = opened({named_tensor("bias", {6}, all.first(6)), named_tensor("w", {4, 3}, all),
                                   named_tensor("two", {2}, all.first(2))});
  const auto problems = [&](const NameMap& names) {
    return refusal(file, NameMap{{"layers.0.weight", "w", {.part = 0, .parts = 2}},
                                 {"layers.1.weight", "w", {.part = 1, .parts = 2}}} +
                             names);
  };
  const NameRule first{"layers.0.bias", "bias", {.part = 0, .parts = 2}};
  const NameRule second{"layers.1.bias", "bias", {.part = 1, .parts = 2}};
  const NameRule again{"layers.1.bias", "bias", {.part = 0, .parts = 2}};
  CHECK(problems({first, second, {"gain", "two", {.part = 1, .parts = 2}}}) ==
        std::vector<std::string>{
            "'gain' from 'two': expected an array to be a part of one, got a scalar",
            "'two': expected all 2 parts to be asked for, got nothing that asks for part 0"});
  CHECK(problems({first, again, {"gain", "two"}}) ==
        std::vector<std::string>{
            "'gain' from 'two': expected [], got [2]",
            "'bias': expected all 2 parts to be asked for, got nothing that asks for part 1"});
  constexpr std::size_t many =
      std::numeric_limits<std::size_t>::max() / 3 + 1;  // of 3: 2, but for an overflow
  CHECK(problems({first, {"layers.1.bias", "two", {.part = many - 1, .parts = many}}})[0] ==
        "'layers.1.bias' from 'two': expected parts of a size that can be addressed, got 6148914691236517206 "
        "parts");
}

TEST_CASE("a mismatch says no more than a hundred reasons, and shows no control characters", "[parameters]") {
  std::vector<NamedTensor> tensors;
  const std::vector<float> none;
  for (int i = 0; i < 1000; ++i) {
    tensors.push_back(named_tensor("\x1b" + std::to_string(i) + std::string(5000, 'x'), {0}, none));
  }
  Parameters<Model> parameters{Seed{1}};
  try {
    load_parameters(opened(tensors), parameters);
    FAIL("not refused");
  } catch (const TensorMismatch& error) {
    const std::string message = error.what();
    CHECK(error.problems.size() == 1005);
    CHECK(message.size() < 30'000);
    CHECK(message.find('\x1b') == std::string::npos);
    CHECK_THAT(message, Catch::EndsWith("\n  and 905 more"));
  }
}

/// A file of one attention of width 4: "in" holds 0 to 47 as [12, 4], "out" 0 to 15 in the given shape.
auto attention_file(Extents out) {
  std::vector<double> numbers(48);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  const std::span<const double> all = numbers;
  const std::vector<double> bias(4, 0.5);
  std::vector<NamedTensor> tensors{named_tensor("in", {12, 4}, all),
                                   named_tensor("out", std::move(out), all.first(16))};
  for (const std::string layer : {"query", "key", "value", "output"}) {
    tensors.push_back(named_tensor("layer." + layer + ".bias", {4}, bias));
  }
  return opened(tensors);
}

TEST_CASE("layouts bring every number to its place", "[parameters]") {
  struct Attention {
    using Layer = nn::MultiHeadAttention<4, 2>;
    BOOST_HANA_DEFINE_STRUCT(Attention, (Layer, layer));
  };
  const NameMap names{{"layer.query.weight", "in", {.transposed = true, .part = 0, .parts = 3}},
                      {"layer.key.weight", "in", {.transposed = true, .part = 1, .parts = 3}},
                      {"layer.value.weight", "in", {.part = 2, .parts = 3}},
                      {"layer.output.weight", "out", layout::split},
                      {"layer.*", "*"}};
  Parameters<Attention, double> parameters{Seed{1}};
  load_parameters(attention_file({2, 2, 4}), parameters, names);
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      const std::size_t here = 4 * row + column, there = 4 * column + row;
      CHECK(parameters.span("layer.query.weight")[here] == static_cast<double>(there));
      CHECK(parameters.span("layer.key.weight")[here] == static_cast<double>(16 + there));
      CHECK(parameters.span("layer.value.weight")[here] == static_cast<double>(32 + here));
      CHECK(parameters.span("layer.output.weight")[here] == static_cast<double>(here));
    }
  }
  for (const Extents& fits : {Extents{4, 2, 2}, {4, 4}, {1, 4, 4, 1}, {2, 2, 1, 2, 2}}) {
    CHECK_NOTHROW(load_parameters(attention_file(fits), parameters, names));
  }
  for (const Extents& other : {Extents{16}, {2, 4, 2}, {2, 8}, {8, 2}}) {
    CHECK_THROWS_WITH(
        load_parameters(attention_file(other), parameters, names),
        "F: 1 tensor does not fit\n  'layer.output.weight' from 'out': expected [4, 4] or a split of its "
        "axes, got " +
            shape_text(other));
  }
}
