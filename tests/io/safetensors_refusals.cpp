#include "safetensors_by_hand.hpp"

#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>
#include <support/comma_locale.hpp>

#include <algorithm>
#include <limits>

using namespace by_hand;

TEST_CASE("a header length beyond the file, or beyond reason, is refused", "[safetensors]") {
  CHECK(refusal({}) == "F: is no safetensors file: header length: expected 8 bytes, got a file of 0");
  CHECK(refusal(Bytes(7)) == "F: is no safetensors file: header length: expected 8 bytes, got a file of 7");
  CHECK(refusal(numbers<std::uint64_t>({3}) + text("{}")) ==
        "F: header length: expected at most 2 bytes, got 3");
  CHECK(refusal(numbers<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()}) + text("{}")) ==
        "F: is no safetensors file: header length: expected at most 2 bytes, got 18446744073709551615");
  CHECK(refusal(Bytes(8)) ==
        "F: is no safetensors file: header: expected a JSON object, beginning with '{', got nothing");
  Bytes large(8 + 100'000'001, std::byte{' '});
  const std::uint64_t length = 100'000'001;
  std::memcpy(large.data(), &length, sizeof length);
  CHECK(refusal(large) ==
        "F: is no safetensors file: header length: expected at most 100000000 bytes, got 100000001");
}

TEST_CASE("a header that is not one JSON object in UTF-8 is refused", "[safetensors]") {
  const std::string beginning =
      "F: is no safetensors file: header: expected a JSON object, beginning with '{', got ";
  CHECK(refusal(file(" {}")) == beginning + "byte 32");
  CHECK(refusal(file("[]")) == beginning + "byte 91");
  CHECK(refusal(file("\xEF\xBB\xBF{}")) == beginning + "byte 239");
  CHECK(refusal(file(std::string("{}\0{", 4))) == "F: header: expected JSON, got a zero byte at 2");
  for (const std::string bad :
       {"{", "{}}", "{} x", R"({"a"})", "{'a':1}", "{} //", "{\"\xFF\":{}}", "{\"\xC0\x80\":{}}",
        R"({"__metadata__":{},})", R"({"\ud800":{}})", "{\"a\nb\":{}}"}) {
    CAPTURE(bad);
    CHECK(refusal(file(bad)).starts_with("F: header: expected JSON, got an error at byte "));
  }
}

TEST_CASE("an entry is exactly dtype, shape and data_offsets, each once and of its type", "[safetensors]") {
  const auto entry = [](const std::string& fields) { return refusal(file(R"({"x":)" + fields + "}")); };
  CHECK(entry("1") == "F: tensor 'x': expected an object, got the number 1");
  CHECK(entry("null") == "F: tensor 'x': expected an object, got null");
  CHECK(entry("true") == "F: tensor 'x': expected an object, got true");
  CHECK(entry("[]") == "F: tensor 'x': expected an object, got an array");
  CHECK(entry("{}") == "F: tensor 'x': expected dtype, got an entry without it");
  CHECK(entry(R"({"dtype":"U8","shape":[0]})") ==
        "F: tensor 'x': expected data_offsets, got an entry without it");
  CHECK(entry(R"({"dtype":"U8","data_offsets":[0,0]})") ==
        "F: tensor 'x': expected shape, got an entry without it");
  CHECK(entry(R"({"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]})") ==
        "F: tensor 'x': expected each key once, got 'dtype' again");
  CHECK(entry(R"({"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1})") ==
        "F: tensor 'x': expected dtype, shape and data_offsets, got 'more'");
  CHECK(entry(R"({"dtype":1})") == "F: tensor 'x': dtype: expected a string, got the number 1");
  CHECK(entry(R"({"dtype":{}})") == "F: tensor 'x': dtype: expected a string, got an object");
  CHECK(entry(R"({"shape":"1"})") ==
        "F: tensor 'x': shape: expected an array of nonnegative integers, got the string '1'");
}

TEST_CASE("shapes and offsets hold nonnegative integers and nothing that only looks like one",
          "[safetensors]") {
  const std::string shape = "F: tensor 'x': shape: expected an array of nonnegative integers, got ";
  const std::string offsets =
      "F: tensor 'x': data_offsets: expected an array of two nonnegative integers, got ";
  const auto check = [&](const std::string& number) {
    CHECK(refusal(file(one("U8", "[" + number + "]", "[0,1]"), Bytes(1))) == shape + "the number " + number);
    CHECK(refusal(file(one("U8", "[1]", "[0," + number + "]"), Bytes(1))) ==
          offsets + "the number " + number);
  };
  for (const char* number : {"1.0", "1e0", "-1", "18446744073709551616"}) check(number);
  const ctgrad::test::CommaLocale locale;
  for (const char* number : {"1.5", "-1"}) check(number);
  CHECK(refusal(file(one("U8", "1", "[0,1]"), Bytes(1))) == shape + "the number 1");
  CHECK(refusal(file(one("U8", "[[1]]", "[0,1]"), Bytes(1))) == shape + "an array");
  CHECK(refusal(file(one("U8", "[null]", "[0,1]"), Bytes(1))) == shape + "null");
  CHECK(refusal(file(one("U8", "[1]", "[0]"), Bytes(1))) == offsets + "an array of 1");
  CHECK(refusal(file(one("U8", "[1]", "[]"), Bytes(1))) == offsets + "an array of 0");
  CHECK(refusal(file(one("U8", "[1]", "[0,1,2]"), Bytes(1))) == offsets + "the number 2");
  CHECK(refusal(file(one("U8", "[1]", "{}"), Bytes(1))) == offsets + "an object");
}

TEST_CASE("a name that comes twice is refused", "[safetensors]") {
  const std::string x = R"("x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  CHECK(refusal(file("{" + x + "," + x + "}", Bytes(1))) ==
        "F: header: expected each name once, got 'x' again");
  CHECK(refusal(file(R"({"__metadata__":{},"__metadata__":{}})")) ==
        "F: header: expected each name once, got '__metadata__' again");
  CHECK(refusal(file(R"({"__metadata__":{"k":"1","k":"1"}})")) ==
        "F: __metadata__: expected each key once, got 'k' again");
}

TEST_CASE("metadata maps strings to strings", "[safetensors]") {
  CHECK(refusal(file(R"({"__metadata__":[]})")) ==
        "F: __metadata__: expected an object of strings, got an array");
  CHECK(refusal(file(R"({"__metadata__":{"k":1}})")) ==
        "F: __metadata__: k: expected a string, got the number 1");
  CHECK(refusal(file(R"({"__metadata__":{"k":{}}})")) ==
        "F: __metadata__: k: expected a string, got an object");
}

TEST_CASE("a shape whose size overflows is refused, even where a zero would hide it", "[safetensors]") {
  const std::string overflow = "F: tensor 'x': shape: expected a size that can be addressed, got an overflow";
  CHECK(refusal(file(one("U8", "[4294967296,4294967296]", "[0,0]"))) == overflow);
  CHECK(refusal(file(one("U8", "[18446744073709551615]", "[0,0]"))) == overflow);
  CHECK(refusal(file(one("F64", "[2305843009213693952]", "[0,0]"))) == overflow);
  CHECK(refusal(file(one("U8", "[4294967296,4294967296,0]", "[0,0]"))) == overflow);
  CHECK(refusal(file(one("U8", "[0,4294967296,4294967296]", "[0,0]"))) == overflow);
}

TEST_CASE("a tensor's bytes lie in the file and are as many as its shape asks for", "[safetensors]") {
  const std::string offsets = "F: tensor 'x': data_offsets: expected ";
  CHECK(refusal(file(one("U8", "[1]", "[1,0]"), Bytes(1))) == offsets + "begin <= end <= 1, got [1, 0]");
  CHECK(refusal(file(one("U8", "[2]", "[0,2]"), Bytes(1))) == offsets + "begin <= end <= 1, got [0, 2]");
  CHECK(refusal(file(one("F32", "[2]", "[0,4]"), Bytes(4))) == offsets + "8 bytes for its shape, got 4");
  CHECK(refusal(file(one("F32", "[0]", "[0,4]"), Bytes(4))) == offsets + "0 bytes for its shape, got 4");
  CHECK(refusal(file(one("F32", "[]", "[0,0]"), Bytes(0))) == offsets + "4 bytes for its shape, got 0");
}

TEST_CASE("the tensors cover the data without hole or overlap", "[safetensors]") {
  const auto two = [](const std::string& a, const std::string& b) {
    return file(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + a +
                    R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + b + "}}",
                Bytes(5));
  };
  CHECK(refusal(two("[0,2]", "[3,5]")) ==
        "F: tensor 'b': data_offsets: expected to begin at 2, where the tensor before ends, got 3");
  CHECK(refusal(two("[0,2]", "[1,3]")) ==
        "F: tensor 'b': data_offsets: expected to begin at 2, where the tensor before ends, got 1");
  CHECK(refusal(two("[0,2]", "[0,2]")) ==
        "F: tensor 'b': data_offsets: expected to begin at 2, where the tensor before ends, got 0");
  CHECK(refusal(two("[3,5]", "[1,3]")) ==
        "F: tensor 'b': data_offsets: expected to begin at 0, where the tensor before ends, got 1");
  CHECK(refusal(two("[2,4]", "[0,2]")) == "F: data: expected 4 bytes, where the last tensor ends, got 5");
  CHECK(refusal(file("{}", Bytes(1))) == "F: data: expected 0 bytes, where the last tensor ends, got 1");
}

TEST_CASE("a file cut off at any byte is refused", "[safetensors]") {
  const Bytes whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(
        refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))).starts_with("F: "));
  }
  CHECK(refusal(whole) == "not refused");
}

TEST_CASE("a file with any bit of its header flipped is refused or holds the same bytes in as many tensors",
          "[safetensors]") {
  const Bytes whole = sample();
  const Safetensors intact = open(whole);
  const std::size_t header = whole.size() - 28;
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * header; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    CAPTURE(bit);
    try {
      const Safetensors opened = open(flipped);
      REQUIRE(opened.names().size() == 2);
      for (const std::string& name :
           opened.names()) {  // a name may have changed; the order by offset has not
        const auto entry = opened.at(name);
        const auto same = intact.at(entry.bytes.size() == 16 ? "a" : "b\n");
        CHECK(entry.shape == same.shape);
        CHECK(std::ranges::equal(entry.bytes, same.bytes));
      }
    } catch (const SafetensorsError& error) {
      ++refused;
      CHECK(std::string(error.what()).starts_with("F: "));
    }
  }
  CHECK(refused > static_cast<int>(8 * header) / 2);
}

TEST_CASE("what a file says is shown without the terminal's commands, and not at any length",
          "[safetensors]") {
  const std::string entry = R"({"dtype":"F32","shape":[1],"data_offsets":[0,1]})";
  CHECK(refusal(file("{\"\\u001b[2J\u202E\":" + entry + "}", Bytes(1))) ==
        "F: tensor '\\x1B[2J\\xE2\\x80\\xAE': data_offsets: expected 4 bytes for its shape, got 1");
  CHECK(refusal(file(R"({"__metadata__":{"\u0007k":1}})")) ==
        "F: __metadata__: \\x07k: expected a string, got the number 1");
  const std::string long_name(2'000'000, 'x');
  const std::string end = "\":" + entry + "}";
  const std::string long_entry = "{\"" + long_name + end, long_escape = "{\"" + long_name + "\x01" + end;
  for (const std::string& header : {long_entry, long_escape, R"({"x":{"dtype":{},")" + long_name,
                                    R"({"x":{"shape":")" + long_name + "\"}}",
                                    R"({"x":{"shape":[1.)" + std::string(1'000'000, '0') + "]}}",
                                    R"({"__metadata__":{")" + long_name + "\":1}}",
                                    R"({"x":{")" + long_name + "\":1}}", "{\"\xFF" + long_name + "\":1}}"}) {
    const std::string message = refusal(file(header, Bytes(1)));
    CHECK(message.starts_with("F: "));
    CHECK(message.size() < 700);
    CHECK(std::ranges::none_of(message, [](char c) { return c < ' ' || c > '~'; }));
  }
}

TEST_CASE("files with random damage never do worse than being refused", "[safetensors]") {
  ctgrad::Random random(ctgrad::Seed{31});
  const Bytes whole = sample();
  for (int trial = 0; trial < 3000; ++trial) {
    Bytes damaged = whole;
    const std::uint32_t changes = 1 + random.below(4);
    for (std::uint32_t i = 0; i < changes; ++i) {
      const std::string likely = "0123456789[]{}\",:-.eIFU";
      const auto position = 8 + random.below(static_cast<std::uint32_t>(whole.size() - 8));
      damaged[position] = std::byte(likely[random.below(static_cast<std::uint32_t>(likely.size()))]);
    }
    INFO("seed 31, trial " << trial);
    try {
      const Safetensors opened = open(damaged);
      std::size_t total = 0;
      for (const std::string& name : opened.names()) total += opened.at(name).bytes.size();
      CHECK(total == 28);
    } catch (const SafetensorsError& error) {
      CHECK(std::string(error.what()).starts_with("F: "));
    }
  }
}
