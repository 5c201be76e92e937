#include "safetensors_by_hand.hpp"

#include <ctgrad/ctgrad.hpp>
#include <ctgrad/io/mapped_parameters.hpp>
#include <ctgrad/io/pytorch_names.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>

using namespace ctgrad;
using namespace ctgrad::io;

namespace {

using Model = nn::Linear<37, 21>;

template <class Stored>
std::vector<Stored> numbers(std::size_t count) {
  std::vector<Stored> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (std::floating_point<Stored>) numbers[i] = static_cast<Stored>(i) + Stored(0.5);
    if constexpr (!std::floating_point<Stored>) numbers[i].bits = static_cast<std::uint16_t>(i);
  }
  return numbers;
}

/// The numbers at those places, one by one as PartPlaces says, and as copy_numbers brings them.
template <class Stored>
void check_copy(const Layout& layout, const std::vector<std::size_t>& whole, std::size_t size) {
  std::size_t count = 1;
  for (const std::size_t extent : whole) count *= extent;
  const auto stored = numbers<Stored>(count);
  const auto* bytes = reinterpret_cast<const std::byte*>(stored.data());
  const PartPlaces places(layout, whole, size);
  std::vector<double> found(size, -1);
  copy_numbers<Stored>(bytes, places, std::span(found));
  bool equal = true;
  for (std::size_t i = 0; i < size; ++i) equal = equal && found[i] == number_as<double>(stored[places(i)]);
  CHECK(equal);
}

template <class Stored>
void check_copies() {
  for (const std::vector<std::size_t>& whole :
       {std::vector<std::size_t>{37, 21}, {1, 48}, {48, 1}, {16, 16}, {33, 48}, {2, 3}}) {
    const std::size_t size = whole[0] * whole[1];
    check_copy<Stored>(layout::same, whole, size);
    check_copy<Stored>(layout::transposed, whole, size);
    for (std::size_t axis = 0; axis < 2; ++axis) {
      for (std::size_t part = 0; part < 3 && whole[axis] % 3 == 0; ++part) {
        check_copy<Stored>({.part = part, .parts = 3, .axis = axis}, whole, size / 3);
        check_copy<Stored>({.transposed = true, .part = part, .parts = 3, .axis = axis}, whole, size / 3);
      }
    }
  }
  check_copy<Stored>(layout::same, {0, 3}, 0);
  check_copy<Stored>(layout::transposed, {3, 0}, 0);
}

}  // namespace

TEST_CASE("numbers are copied to where their layout says, of whatever type", "[parameters]") {
  check_copies<float>();
  check_copies<double>();
  check_copies<Half>();
  check_copies<Bfloat16>();
}

TEST_CASE("a file that is mapped holds what one holds that is read", "[parameters]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  const Parameters<Model> saved{Seed{1}};
  save_parameters(path, saved, {{"steps", "20"}});
  const Safetensors read = read_safetensors(path), mapped = map_safetensors(path);
  CHECK(mapped.names() == read.names());
  CHECK(mapped.metadata() == read.metadata());
  CHECK(mapped.file() == read.file());
  for (const std::string& name : read.names())
    CHECK(std::ranges::equal(mapped.at(name).bytes, read.at(name).bytes));
  Parameters<Model> loaded{Undrawn{}};
  CHECK(std::ranges::all_of(loaded.flat(), [](float number) { return number == 0; }));
  load_parameters(path, loaded, {}, {.map = true});
  CHECK(std::ranges::equal(loaded.flat(), saved.flat()));
  // A file that takes its place leaves it to who has it mapped.
  save_parameters(path, Parameters<Model>{Seed{2}});
  CHECK(std::ranges::equal(mapped.at("weight").bytes, read.at("weight").bytes));
}

TEST_CASE("a program takes parameters where they lie in a file", "[parameters]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  const Parameters<Model> saved{Seed{1}};
  save_parameters(path, saved);
  Random random(Seed{test::seed()});
  xt::xtensor<float, 2> x(std::array<std::size_t, 2>{5, 37});
  for (float& number : x) number = static_cast<float>(random.normal());
  constexpr auto apply = [](const auto& model, auto y) { return model(y); };
  Program<apply, Model, Tensor<5, 37>> program;
  const xt::xtensor<float, 2> expected = program(saved, x);
  const auto check = [&](const MappedParameters<Model>& mapped) {
    for (const FlatEntry& entry : saved.entries())
      CHECK(std::ranges::equal(mapped.span(entry.name), saved.span(entry.name)));
    const auto found = program(mapped, x);
    CHECK(std::equal(found.begin(), found.end(), expected.begin()));
  };
  check(MappedParameters<Model>(path));

  std::vector<float> transposed(37 * 21);
  for (std::size_t row = 0; row < 37; ++row) {
    for (std::size_t column = 0; column < 21; ++column)
      transposed[column * 37 + row] = saved.span("weight")[row * 21 + column];
  }
  const auto other = folder / "other.safetensors";
  write_safetensors(other, {named_tensor("fc.weight", {21, 37}, transposed),
                            named_tensor("fc.bias", {21}, saved.span("bias"))});
  const NameMap names = pytorch::linear().under("", "fc.");
  check(MappedParameters<Model>(other, names));
  CHECK_THROWS_AS(MappedParameters<Model>(other, names, {.prefix = "x"}), TensorMismatch);
  CHECK_THROWS_AS(MappedParameters<Model>(path, names), TensorMismatch);
  CHECK_THROWS_WITH(MappedParameters<Model>(path).span("gain"),
                    "no parameter is named 'gain'; there are 'weight', 'bias'");
  std::vector<std::string> missing;
  CHECK_THROWS_AS(MappedParameters<Model>(path, {}, {.allow_missing = &missing}), std::invalid_argument);
}

TEST_CASE("a mapped file is refused as one is that is read", "[parameters]") {
  const test::TemporaryFolder folder;
  const auto message = [](const auto& open) -> std::string {
    try {
      open();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "not refused";
  };
  const auto path = folder / "f.safetensors";
  const auto check = [&](const std::string& contents) {
    std::ofstream(path, std::ios::binary) << contents;
    const std::string refusal = message([&] { read_safetensors(path); });
    CHECK(refusal != "not refused");
    CHECK(message([&] { map_safetensors(path); }) == refusal);
  };
  check("");
  check("1234567");
  check(std::string(8, '\0') + "{}");
  const auto sound = by_hand::file(by_hand::one("F32", "[2]", "[0,8]"), by_hand::numbers<float>({1, 2}));
  const std::string text(reinterpret_cast<const char*>(sound.data()), sound.size());
  check(text.substr(0, text.size() - 1));
  check(text.substr(0, 20));
  check(text + "x");
  CHECK(message([&] { map_safetensors(folder / ""); }) == message([&] { read_safetensors(folder / ""); }));
  CHECK_THROWS_AS(map_safetensors(folder / "none"), std::system_error);
}
