#include "safetensors_by_hand.hpp"

#include <ctgrad/io/safetensors_writer.hpp>
#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <support/views.hpp>

#include <bit>
#include <limits>

using namespace by_hand;
using ctgrad::io::Dtype;
using ctgrad::io::Metadata;
using ctgrad::io::named_tensor;
using ctgrad::io::NamedTensor;
using ctgrad::io::SafetensorsImage;
using Tensors = std::vector<NamedTensor>;

namespace {

Bytes image(Tensors tensors, const Metadata& metadata = {}) {
  return SafetensorsImage("F", std::move(tensors), metadata).bytes();
}

std::string write_refusal(Tensors tensors, const Metadata& metadata = {}) {
  try {
    image(std::move(tensors), metadata);
  } catch (const SafetensorsError& error) {
    return error.what();
  }
  return "not refused";
}

void check_equal(const Safetensors& file, const Tensors& tensors, const Metadata& metadata) {
  CHECK(file.metadata() == metadata);
  REQUIRE(file.names().size() == tensors.size());
  for (const NamedTensor& tensor : tensors) {
    CAPTURE(tensor.name);
    REQUIRE(file.contains(tensor.name));
    const auto entry = file.at(tensor.name);
    CHECK(entry.dtype == tensor.dtype);
    CHECK(entry.shape == tensor.shape);
    CHECK(std::ranges::equal(entry.bytes, tensor.bytes));
  }
}

/// A file of random tensors; the numbers are in `pool`.
Tensors random_tensors(ctgrad::Random& random, const Bytes& pool) {
  const std::vector<std::string> pieces{"a", ".",  "/",  " ", "\"", "\\", "\n", "\x7f", std::string(1, '\0'),
                                        "é", "層", "🙂", "{", ","};
  Tensors tensors;
  const std::uint32_t count = random.below(8);
  for (std::uint32_t i = 0; i < count; ++i) {
    NamedTensor tensor{std::to_string(i), static_cast<Dtype>(random.below(22)), {}, {}};
    for (std::uint32_t j = random.below(5); j > 0; --j) {
      tensor.name += pieces[random.below(static_cast<std::uint32_t>(pieces.size()))];
    }
    for (std::uint32_t j = random.below(4); j > 0; --j) tensor.shape.push_back(random.below(5));
    if (ctgrad::io::ends_inside_a_byte(tensor.dtype, tensor.shape)) tensor.shape.push_back(4);
    tensor.bytes = std::span(pool).subspan(random.below(100),
                                           ctgrad::io::byte_count(tensor.dtype, tensor.shape).value());
    tensors.push_back(tensor);
  }
  return tensors;
}

}  // namespace

TEST_CASE("what is written is read back bit for bit", "[safetensors]") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> reals{
      0.1, -0.0, infinity, -infinity, std::bit_cast<double>(std::uint64_t{0x7FF0000000000123}), 5e-324};
  const std::vector<float> floats{1.0f / 3, std::bit_cast<float>(0x7F800001u)};
  const std::vector<std::int64_t> wide{std::numeric_limits<std::int64_t>::min(), -1};
  const std::array<std::uint64_t, 1> unsigned_wide{std::numeric_limits<std::uint64_t>::max()};
  const std::array<std::int32_t, 3> ids{7, -8, 9};
  const std::array<bool, 2> truths{true, false};
  const Tensors tensors{
      named_tensor("reals", {3, 1, 2}, reals), named_tensor("floats", {2}, floats),
      named_tensor("wide", {2}, wide),         named_tensor("scalar", {}, unsigned_wide),
      named_tensor("ids", {3}, ids),           named_tensor("empty", {4, 0, 2}, std::vector<float>{}),
      named_tensor("truths", {2}, truths),     named_tensor("", {0}, std::vector<double>{})};
  const Metadata metadata{{"format", "ctgrad"}, {"", "empty key"}, {"a \"text\"", "line\nline, 層"}};
  const Safetensors file = open(image(tensors, metadata));
  check_equal(file, tensors, metadata);
  CHECK(file.read<std::uint64_t>("scalar")() == unsigned_wide[0]);
  CHECK(file.read<bool>("truths")(0));
  CHECK(open(image({})).names().empty());
}

TEST_CASE("a view's numbers are written, not those that its memory begins with", "[safetensors]") {
  const xt::xtensor<float, 2> rows{{1, 2, 3}, {4, 5, 6}};
  const auto second = xt::view(rows, 1);
  const Safetensors file = open(image({named_tensor("row", {3}, second)}));
  CHECK((file.read<float>("row") == xt::xtensor<float, 1>{4, 5, 6}));
}

TEST_CASE("random files are read back bit for bit, and do not depend on the order of their tensors",
          "[safetensors]") {
  constexpr std::uint64_t seed = 32;
  ctgrad::Random random(ctgrad::Seed{seed});
  Bytes pool(100 + 8 * 4 * 64);
  for (std::byte& byte : pool) byte = static_cast<std::byte>(random.below(256));
  for (int trial = 0; trial < 300; ++trial) {
    INFO("seed " << seed << ", trial " << trial);
    const Tensors tensors = random_tensors(random, pool);
    const Metadata metadata{{"trial", std::to_string(trial)}};
    const Bytes bytes = image(tensors, metadata);
    check_equal(open(bytes), tensors, metadata);
    CHECK(image({tensors.rbegin(), tensors.rend()}, metadata) == bytes);
  }
}

TEST_CASE("every number lies at a multiple of its size", "[safetensors]") {
  const std::vector<std::uint8_t> one{1};
  const std::vector<double> two{2};
  const std::vector<float> three{3};
  for (const std::string name : {"x", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx", "xxxxxxx", "xxxxxxxx"}) {
    const Bytes bytes =
        image({named_tensor(name, {1}, one), named_tensor("z", {1}, two), named_tensor("y", {1}, three)});
    const auto header = ctgrad::io::load<std::uint64_t>(bytes.data());
    CHECK(header % 8 == 0);
    CHECK(bytes.size() == 8 + header + 8 + 4 + 1);
    CHECK(ctgrad::io::load<double>(bytes.data() + 8 + header) == 2);
    CHECK(ctgrad::io::load<float>(bytes.data() + 16 + header) == 3);
  }
}

TEST_CASE("the bytes of a file are these", "[safetensors]") {
  const std::vector<float> numbers_of_b{1.5f, -2};
  const std::array<std::int64_t, 1> number_of_a{-1};
  const Bytes expected =
      file(R"({"__metadata__":{"k":"v"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
           R"("b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}  )",
           numbers<std::int64_t>({-1}) + numbers<float>({1.5f, -2}));
  CHECK(image({named_tensor("b", {1, 2}, numbers_of_b), named_tensor("a", {}, number_of_a)}, {{"k", "v"}}) ==
        expected);
}

TEST_CASE("a file that readers would refuse is not written", "[safetensors]") {
  const std::vector<float> two{1, 2};
  const NamedTensor x = named_tensor("x", {2}, two);
  CHECK(write_refusal({x, x}) == "F: tensor 'x': expected a name of its own, got this one again");
  CHECK(write_refusal({named_tensor("__metadata__", {2}, two)}) ==
        "F: tensor '__metadata__': expected a name of its own, got this one again");
  CHECK(write_refusal({named_tensor("x", {3}, two)}) ==
        "F: tensor 'x': expected 12 bytes for its shape, got 8");
  CHECK(write_refusal({{"x", Dtype::other, {}, {}}}) ==
        "F: tensor 'x': expected a type that has a name, got Dtype::other");
  CHECK(write_refusal({{"x", Dtype::f4, {3}, std::as_bytes(std::span(two)).first(2)}}) ==
        "F: tensor 'x': expected a shape that fills whole bytes, got [3]");
  CHECK(write_refusal({named_tensor("x", {}, two)}) ==
        "F: tensor 'x': expected 4 bytes for its shape, got 8");
  const std::size_t large = std::size_t{1} << 32;
  CHECK(write_refusal({named_tensor("x", {large, large, 0}, std::vector<float>{})}) ==
        "F: tensor 'x': expected a shape of a size that can be addressed, got an overflow");
  const std::string beginning = "F: names and metadata: expected UTF-8, got ";
  CHECK(write_refusal({named_tensor("\xFF", {2}, two)}).starts_with(beginning));
  CHECK(write_refusal({x}, {{"k", "\xC3"}}).starts_with(beginning));
  CHECK(write_refusal({x}, {{"\xC3", "v"}}).starts_with(beginning));
  std::string too_long;
  too_long.resize(100'000'001, 'x');
  CHECK(write_refusal({x}, {{"k", too_long}})
            .starts_with("F: header: expected at most 100000000 bytes, got 1000000"));
}

TEST_CASE("a file is written to its path, over an older one, or not at all", "[safetensors]") {
  const ctgrad::test::TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  const std::vector<double> old_numbers{1, 2, 3}, new_numbers{4};
  ctgrad::io::write_safetensors(path, {named_tensor("x", {3}, old_numbers)});
  ctgrad::io::write_safetensors(path, {named_tensor("x", {1}, new_numbers)}, {{"k", "v"}});
  CHECK_THROWS_AS(ctgrad::io::write_safetensors(path, {named_tensor("x", {2}, old_numbers)}),
                  SafetensorsError);
  const Safetensors file = ctgrad::io::read_safetensors(path);
  CHECK(file.read<double>("x")(0) == 4);
  CHECK(file.metadata() == Metadata{{"k", "v"}});
  CHECK(folder.names() == std::vector<std::string>{"x.safetensors"});
}
