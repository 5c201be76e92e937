#pragma once

#include <ctgrad/io/dtype.hpp>
#include <ctgrad/io/metadata.hpp>
#include <ctgrad/io/quoted.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The JSON header of a safetensors file: tensor names, number types, shapes and byte ranges, read strictly.
namespace ctgrad::io {

/// The bytes that a header may have.
inline constexpr std::size_t header_limit = 100'000'000;

/// What is wrong with a file, and where: "FILE: PLACE: expected ..., got ...". All four must be fit to be
/// shown: what a file says goes through `shown`.
class SafetensorsError : public std::runtime_error {
 public:
  SafetensorsError(std::string_view file, std::string_view place, std::string_view expected,
                   std::string_view got)
      : std::runtime_error(std::string(file)
                               .append(": ")
                               .append(place)
                               .append(": expected ")
                               .append(expected)
                               .append(", got ")
                               .append(got)) {}
};

/// A tensor as the header describes it: `begin` and `end` count bytes from the end of the header.
struct HeaderEntry {
  Dtype dtype{};
  std::string dtype_name;  ///< as the file spells it, fit to be shown
  std::vector<std::size_t> shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Header {
  Metadata metadata;
  std::map<std::string, HeaderEntry, std::less<>> tensors;
};

/// Follows the parser's events. `next_` is what the format asks for next; any other event is refused, so that
/// nothing is built that would have to be checked afterwards.
class HeaderReader {
 public:
  HeaderReader(std::string_view file, Header& header) : file_(file), header_(header) {}

  bool start_object(std::size_t) {
    switch (next_) {
      case Next::header:
        next_ = Next::name;
        return true;
      case Next::metadata:
        next_ = Next::metadata_key;
        return true;
      case Next::tensor:
        next_ = Next::field;
        return true;
      default:
        refuse("an object");
    }
  }

  bool key(std::string& key) {
    if (next_ == Next::name) {
      begin_value(key);
    } else if (next_ == Next::metadata_key) {
      key_ = key;
      if (header_.metadata.contains(key))
        refuse_place("__metadata__", "each key once", in_quotes(key) + " again");
      next_ = Next::metadata_value;
    } else {
      begin_field(key);
    }
    return true;
  }

  bool string(std::string& text) {
    if (next_ == Next::metadata_value) {
      header_.metadata.emplace(key_, std::move(text));
      next_ = Next::metadata_key;
    } else if (next_ == Next::dtype) {
      entry_.dtype = dtype_named(text);
      entry_.dtype_name = shown(text, 50);
      next_ = Next::field;
    } else {
      refuse("the string " + in_quotes(text));
    }
    return true;
  }

  bool start_array(std::size_t) {
    if (next_ == Next::shape) {
      next_ = Next::extent;
    } else if (next_ == Next::offsets) {
      next_ = Next::offset;
    } else {
      refuse("an array");
    }
    return true;
  }

  bool number_unsigned(std::uint64_t number) {
    const bool fits = std::in_range<std::size_t>(number);
    if (next_ == Next::extent && fits) {
      entry_.shape.push_back(static_cast<std::size_t>(number));
    } else if (next_ == Next::offset && fits && offsets_.size() < 2) {
      offsets_.push_back(static_cast<std::size_t>(number));
    } else {
      refuse("the number " + std::to_string(number));
    }
    return true;
  }

  bool end_array() {
    if (next_ == Next::offset) {
      if (offsets_.size() != 2) refuse("an array of " + std::to_string(offsets_.size()));
      entry_.begin = offsets_[0];
      entry_.end = offsets_[1];
    }
    next_ = Next::field;
    return true;
  }

  bool end_object() {
    if (next_ == Next::name) {
      next_ = Next::nothing;
    } else {
      if (next_ == Next::field) end_tensor();
      next_ = Next::name;
    }
    return true;
  }

  bool null() { refuse("null"); }
  bool boolean(bool value) { refuse(value ? "true" : "false"); }
  bool number_integer(std::int64_t number) { refuse("the number " + std::to_string(number)); }
  bool number_float(double, std::string text) {
    const auto point = text.find_first_not_of("0123456789+-eE.");
    if (point != std::string::npos) text[point] = '.';  // the parser puts the locale's there
    refuse("the number " + shown(text));
  }
  bool binary(nlohmann::json::binary_t&) { refuse("binary data"); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
    refuse_place("header", "JSON",
                 "an error at byte " + std::to_string(position) + ": " + shown(error.what()));
  }

 private:
  enum class Next {
    header,
    name,
    metadata,
    metadata_key,
    metadata_value,
    tensor,
    field,
    dtype,
    shape,
    extent,
    offsets,
    offset,
    nothing
  };

  void begin_value(const std::string& key) {
    name_ = key;
    if (!names_.insert(key).second) refuse_place("header", "each name once", in_quotes(key) + " again");
    next_ = key == "__metadata__" ? Next::metadata : Next::tensor;
    entry_ = {};
    offsets_.clear();
    fields_.clear();
  }

  void begin_field(const std::string& key) {
    if (key == "dtype") {
      next_ = Next::dtype;
    } else if (key == "shape") {
      next_ = Next::shape;
    } else if (key == "data_offsets") {
      next_ = Next::offsets;
    } else {
      refuse_place("tensor " + in_quotes(name_), "dtype, shape and data_offsets", in_quotes(key));
    }
    key_ = key;
    if (!fields_.insert(key).second)
      refuse_place("tensor " + in_quotes(name_), "each key once", in_quotes(key) + " again");
  }

  void end_tensor() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (!fields_.contains(field)) refuse_place("tensor " + in_quotes(name_), field, "an entry without it");
    }
    header_.tensors.emplace(name_, std::move(entry_));
  }

  [[noreturn]] void refuse(const std::string& got) const {
    const std::string tensor = "tensor " + in_quotes(name_);
    switch (next_) {
      case Next::header:
        refuse_place("header", "an object", got);
      case Next::metadata:
        refuse_place("__metadata__", "an object of strings", got);
      case Next::metadata_value:
        refuse_place("__metadata__: " + shown(key_), "a string", got);
      case Next::tensor:
        refuse_place(tensor, "an object", got);
      case Next::dtype:
        refuse_place(tensor + ": dtype", "a string", got);
      case Next::shape:
      case Next::extent:
        refuse_place(tensor + ": shape", "an array of nonnegative integers", got);
      default:
        refuse_place(tensor + ": data_offsets", "an array of two nonnegative integers", got);
    }
  }

  [[noreturn]] void refuse_place(const std::string& place, const std::string& expected,
                                 const std::string& got) const {
    throw SafetensorsError(file_, place, expected, got);
  }

  std::string_view file_;
  Header& header_;
  Next next_ = Next::header;
  std::set<std::string> names_;
  std::set<std::string> fields_;
  std::string name_;
  std::string key_;
  HeaderEntry entry_;
  std::vector<std::size_t> offsets_;
};

/// "[4, 3]", of the first extents where there are very many.
inline std::string shape_text(std::span<const std::size_t> extents) {
  constexpr std::size_t most = 32;
  std::string text = "[";
  for (std::size_t i = 0; i < std::min(extents.size(), most); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(extents[i]);
  }
  return text + (extents.size() > most ? ", ...]" : "]");
}

/// Reads a header's JSON. Throws SafetensorsError unless it is one object in UTF-8, possibly padded with
/// spaces, in which every name and key is there once, with the value that the format asks for and no other.
inline Header parse_header(std::string_view file, std::string_view json) {
  if (json.empty() || json.front() != '{') {
    throw SafetensorsError(
        file, "is no safetensors file: header", "a JSON object, beginning with '{'",
        json.empty() ? "nothing" : "byte " + std::to_string(static_cast<unsigned char>(json[0])));
  }
  const std::size_t zero = json.find('\0');  // which the parser would take for the end
  if (zero != std::string_view::npos) {
    throw SafetensorsError(file, "header", "JSON", "a zero byte at " + std::to_string(zero));
  }
  Header header;
  HeaderReader reader(file, header);
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return header;
}

}  // namespace ctgrad::io
