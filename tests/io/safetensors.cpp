#include "safetensors_by_hand.hpp"

#include <support/catch.hpp>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>

using namespace by_hand;
using ctgrad::io::Dtype;

namespace {

/// The message with which tensor "x" is refused as an array of T.
template <class T>
std::string read_refusal(const Bytes& bytes) {
  const Safetensors opened = open(bytes);
  try {
    opened.read<T>("x");
  } catch (const SafetensorsError& error) {
    return error.what();
  }
  return "not refused";
}

template <class T>
std::vector<T> read(const Bytes& bytes) {
  const auto array = open(bytes).read<T>("x");
  return std::vector<T>(array.begin(), array.end());
}

const std::filesystem::path reference = CTGRAD_REFERENCE_DIR;

}  // namespace

TEST_CASE("a file gives its names, metadata, shapes, types and numbers", "[safetensors]") {
  const Safetensors opened = open(sample());
  CHECK(opened.names() == std::vector<std::string>{"a", "b\n"});
  CHECK(opened.metadata().size() == 1);
  CHECK(opened.metadata().at("format") == "pt");
  CHECK(opened.at("a").dtype == Dtype::f64);
  CHECK(opened.at("a").shape == std::vector<std::size_t>{2, 1});
  CHECK(opened.at("a").bytes.size() == 16);
  CHECK(opened.contains("b\n"));
  CHECK_FALSE(opened.contains("b"));
  const auto a = opened.read<double>("a");
  CHECK(a.shape().size() == 2);
  CHECK(a(0, 0) == 1.5);
  CHECK(a(1, 0) == -2.25);
  CHECK(opened.read<std::int32_t>("b\n")(1) == -8);
}

TEST_CASE("a copy of an opened file outlives the original", "[safetensors]") {
  auto original = std::make_unique<Safetensors>(sample(), "F");
  const Safetensors copy = *original;
  const auto entry = original->at("a");
  original.reset();
  CHECK(copy.read<double>("a")(0, 0) == 1.5);
  CHECK(ctgrad::io::load<double>(entry.bytes.data()) == 1.5);
}

TEST_CASE("a file without tensors, a tensor without numbers and a scalar are all read", "[safetensors]") {
  CHECK(open(file("{}")).names().empty());
  CHECK(open(file("{}      ")).names().empty());
  const auto empty = open(file(one("F32", "[3,0,2]", "[0,0]"))).read<float>("x");
  CHECK(empty.size() == 0);
  CHECK(empty.dimension() == 3);
  const auto scalar = open(file(one("F32", "[]", "[0,4]"), numbers({2.5f}))).read<float>("x");
  CHECK(scalar.dimension() == 0);
  CHECK(scalar() == 2.5f);
  const Bytes between = file(R"({"z":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("e":{"dtype":"F64","shape":[0],"data_offsets":[1,1]},)"
                             R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                             numbers<std::uint8_t>({1, 2}));
  CHECK(open(between).read<int>("a")(0) == 2);
}

TEST_CASE("numbers are read wherever they lie, aligned or not", "[safetensors]") {
  const Bytes odd = file(R"({"p":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                         R"("x":{"dtype":"F64","shape":[2],"data_offsets":[1,17]}})",
                         numbers<std::uint8_t>({9}) + numbers<double>({0.1, 0.2}));
  CHECK(read<double>(odd) == std::vector<double>{0.1, 0.2});
}

TEST_CASE("a floating-point array takes every type all of whose numbers it holds", "[safetensors]") {
  CHECK(read<double>(file(one("F32", "[2]", "[0,8]"), numbers({1.0f / 3, -2.0f}))) ==
        std::vector<double>{static_cast<double>(1.0f / 3), -2});
  CHECK(read<double>(file(one("I32", "[1]", "[0,4]"), numbers<std::int32_t>({2147483647}))) ==
        std::vector<double>{2147483647});
  CHECK(read<double>(file(one("U32", "[1]", "[0,4]"), numbers<std::uint32_t>({4294967295}))) ==
        std::vector<double>{4294967295});
  CHECK(read<float>(file(one("I16", "[1]", "[0,2]"), numbers<std::int16_t>({-32768}))) ==
        std::vector<float>{-32768});
  CHECK(read_refusal<float>(file(one("F64", "[1]", "[0,8]"), numbers({0.5}))) ==
        "F: tensor 'x': dtype: expected numbers that 24 bits hold, got F64");
  CHECK(read_refusal<float>(file(one("I32", "[1]", "[0,4]"), numbers<std::int32_t>({1}))) ==
        "F: tensor 'x': dtype: expected numbers that 24 bits hold, got I32");
  CHECK(read_refusal<double>(file(one("I64", "[1]", "[0,8]"), numbers<std::int64_t>({1}))) ==
        "F: tensor 'x': dtype: expected numbers that 53 bits hold, got I64");
  CHECK(read_refusal<double>(file(one("F8_E4M3", "[1]", "[0,1]"), numbers<std::uint8_t>({1}))) ==
        "F: tensor 'x': dtype: expected numbers that 53 bits hold, got F8_E4M3");
}

TEST_CASE("halves and bfloats are read exactly, subnormal, infinite and NaN ones too", "[safetensors]") {
  const Bytes halves =
      file(one("F16", "[8]", "[0,16]"),
           numbers<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x83FF, 0x7BFF, 0x7C00, 0x8000, 0x3555}));
  const std::vector<double> expected{
      1, -2, 0x1p-24, -0x3FFp-24, 65504, std::numeric_limits<double>::infinity(), -0.0, 0x555p-12};
  CHECK(read<double>(halves) == expected);
  CHECK(std::signbit(read<float>(halves)[6]));
  const Bytes bfloats = file(one("BF16", "[3]", "[0,6]"), numbers<std::uint16_t>({0x3F80, 0xC040, 0x0001}));
  CHECK(read<float>(bfloats) == std::vector<float>{1, -3, 0x1p-133f});
  CHECK(std::isnan(read<float>(file(one("F16", "[1]", "[0,2]"), numbers<std::uint16_t>({0x7E00})))[0]));
  CHECK(std::isnan(read<float>(file(one("BF16", "[1]", "[0,2]"), numbers<std::uint16_t>({0x7FC0})))[0]));
}

TEST_CASE("an integer array takes any integers that fit, and names the first that does not",
          "[safetensors]") {
  const Bytes wide = file(one("I64", "[3]", "[0,24]"), numbers<std::int64_t>({1, -2147483648, 2147483648}));
  CHECK(read<std::int64_t>(wide) == std::vector<std::int64_t>{1, -2147483648, 2147483648});
  CHECK(read_refusal<std::int32_t>(wide) ==
        "F: tensor 'x': number 2: expected at least -2147483648 and at most 2147483647, got 2147483648");
  CHECK(read_refusal<std::uint64_t>(wide) ==
        "F: tensor 'x': number 1: expected at least 0 and at most 18446744073709551615, got -2147483648");
  CHECK(read<std::int32_t>(file(one("U8", "[1]", "[0,1]"), numbers<std::uint8_t>({255}))) ==
        std::vector<std::int32_t>{255});
  CHECK(read_refusal<std::int32_t>(file(one("F32", "[1]", "[0,4]"), numbers({1.0f}))) ==
        "F: tensor 'x': dtype: expected integers, got F32");
}

TEST_CASE("booleans are read as booleans, and only zero and one are", "[safetensors]") {
  CHECK(read<bool>(file(one("BOOL", "[2]", "[0,2]"), numbers<std::uint8_t>({1, 0}))) ==
        std::vector<bool>{true, false});
  CHECK(read_refusal<bool>(file(one("BOOL", "[2]", "[0,2]"), numbers<std::uint8_t>({1, 2}))) ==
        "F: tensor 'x': number 1: expected 0 or 1, got 2");
  CHECK(read_refusal<bool>(file(one("U8", "[1]", "[0,1]"), numbers<std::uint8_t>({1}))) ==
        "F: tensor 'x': dtype: expected booleans, got U8");
}

TEST_CASE("a tensor that is not there is refused with the names of those that are", "[safetensors]") {
  CHECK_THROWS_WITH(open(file(one("U8", "[0]", "[0,0]"))).read<int>("y"),
                    "F: tensor 'y': expected a tensor of this name, got only 'x'");
  CHECK_THROWS_WITH(open(file("{}")).at("y"),
                    "F: tensor 'y': expected a tensor of this name, got no tensors");
}

TEST_CASE("of many tensors the first twenty are named", "[safetensors]") {
  std::string header = "{";
  for (int i = 100; i < 150; ++i) {
    header +=
        (i > 100 ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  CHECK_THROWS_WITH(open(file(header + "}")).at("y"),
                    Catch::Contains("only '100' '101' ") && Catch::EndsWith(" '119' and 30 more"));
}

TEST_CASE("a tensor of a type that is not known is in nobody's way, and refused when it is read",
          "[safetensors]") {
  for (const std::string type : {"C64", "F4", "F6_E2M3", "F6_E3M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
                                 "F8_E4M3FN", "C128", "I4", "f32", "", "\\u001b"}) {
    CAPTURE(type);
    const Safetensors opened = open(file(
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":")" + type +
            R"(","shape":[0,8],"data_offsets":[4,4]},"z":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}})",
        numbers({2.5f}) + Bytes(1)));
    CHECK(opened.read<float>("a")(0) == 2.5f);
    CHECK(opened.read<int>("z")(0) == 0);
    const std::string shown = type == "\\u001b" ? "\\x1B" : type;
    CHECK(opened.at("x").dtype_name == shown);
    CHECK(opened.at("x").shape == std::vector<std::size_t>{0, 8});
    CHECK_THROWS_WITH(opened.read<double>("x"),
                      "F: tensor 'x': dtype: expected numbers that 53 bits hold, got " + shown);
    CHECK_THROWS_WITH(opened.read<int>("x"), "F: tensor 'x': dtype: expected integers, got " + shown);
  }
}

TEST_CASE("a type's size is known though its numbers are not read", "[safetensors]") {
  const auto opens = [](const char* type, const char* shape, std::size_t bytes) {
    return refusal(file(one(type, shape, "[0," + std::to_string(bytes) + "]"), Bytes(bytes)));
  };
  for (const auto& [type, bytes] : std::map<const char*, std::size_t>{
           {"F4", 4}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"C64", 64}}) {
    CAPTURE(type);
    CHECK(opens(type, "[2,4]", bytes) == "not refused");
    CHECK_THAT(opens(type, "[2,4]", bytes + 1), Catch::Contains(" bytes for its shape, got "));
  }
  CHECK(opens("F4", "[3]", 2) == "F: tensor 'x': shape: expected whole bytes of F4, got [3]");
  CHECK(opens("F6_E2M3", "[3,2]", 5) == "F: tensor 'x': shape: expected whole bytes of F6_E2M3, got [3, 2]");
  CHECK(opens("F4", "[0]", 0) == "not refused");
  CHECK(opens("F4", "[]", 1) == "F: tensor 'x': shape: expected whole bytes of F4, got []");
  CHECK(opens("F4", "[18446744073709551615,2]", 0) ==
        "F: tensor 'x': shape: expected a size that can be addressed, got an overflow");
  CHECK(opens("X9", "[18446744073709551615,2]", 0) ==
        "F: tensor 'x': shape: expected a size that can be addressed, got an overflow");
  CHECK(opens("X9", "[3]", 1) == "not refused");  // it may have 2 bits
  CHECK(refusal(file(one("X9", "[3]", "[0,2]"), Bytes(3))) ==
        "F: data: expected 2 bytes, where the last tensor ends, got 3");
  CHECK(refusal(file(one("X9", "[3]", "[1,3]"), Bytes(3))) ==
        "F: tensor 'x': data_offsets: expected to begin at 0, where the tensor before ends, got 1");
}

TEST_CASE("a file that cannot be read is refused by its path", "[safetensors]") {
  const auto missing = reference / "missing.safetensors";
  CHECK_THROWS_WITH(ctgrad::io::read_safetensors(missing),
                    missing.string() + ": cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(ctgrad::io::read_safetensors(reference),
                    reference.string() + ": cannot be read: Is a directory");
}

TEST_CASE("the reference files open, and hold what their page says", "[safetensors]") {
  const Safetensors attention = ctgrad::io::read_safetensors(reference / "simple_self_attention.safetensors");
  const auto context = attention.read<double>("all_context_vecs");
  CHECK(context.shape()[0] == 6);
  CHECK_THAT(context(1, 0), Catch::Matchers::WithinAbs(0.4419, 5e-5));
  CHECK_THAT(context(1, 1), Catch::Matchers::WithinAbs(0.6515, 5e-5));
  CHECK_THAT(context(1, 2), Catch::Matchers::WithinAbs(0.5683, 5e-5));
  const Safetensors adam = ctgrad::io::read_safetensors(reference / "adam.safetensors");
  CHECK(adam.metadata().at("steps") == "20");
  CHECK(adam.read<double>("losses").size() == 20);
  const auto ids = adam.read<std::int32_t>("ids");
  CHECK(ids.size() == 32);
  for (const std::int32_t id : ids) CHECK((id >= 0 && id < 16));
  CHECK(ctgrad::io::read_safetensors(reference / "encoder.safetensors").contains("grad/dense.bias"));
  CHECK(ctgrad::io::read_safetensors(reference / "encoder_decoder.safetensors").contains("target_weight"));
}
