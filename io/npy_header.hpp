#pragma once

#include <ctgrad/io/safetensors_header.hpp>

#include <bit>
#include <charconv>

/// The head of a .npy file: a magic string, a version, and a Python dictionary that says what the numbers
/// behind it are. Source of the format: NEP 1 and numpy.lib.format.
///
/// xtensor's load_npy is not used: it expects the three keys in one order, multiplies extents without a look
/// at overflow, takes any length of a header and of the numbers for granted, and hands out memory that no
/// byte was read into where a file is cut off. That serves files of one's own; these may be anybody's.
namespace ctgrad::io {

/// What is wrong with a .npy or .npz file: "FILE: PLACE: expected ..., got ...". The arrays of such a file
/// are read as tensors of a safetensors file are, so one clause catches all that reading may throw.
class NumpyError : public SafetensorsError {
 public:
  using SafetensorsError::SafetensorsError;
};

/// What the head of a .npy file says.
struct NpyHeader {
  Dtype dtype = Dtype::other;
  std::string dtype_name;          ///< as the file spells it, fit to be shown
  bool big_endian = false;         ///< the bytes of a number are the other way round
  bool column_major = false;       ///< the first axis is the one whose neighbours lie side by side
  std::vector<std::size_t> shape;  ///< empty for a scalar
  std::size_t begin = 0;           ///< where the numbers begin
};

/// The bytes that the dictionary may have: three short entries, of which a writer needs a few hundred.
inline constexpr std::size_t npy_dictionary_limit = 65535;

/// The axes that an array may have: those that NumPy allows.
inline constexpr std::size_t npy_rank_limit = 64;

/// A number type as NumPy spells it, less the order of its bytes; nothing for those that NumPy lacks.
constexpr std::string_view npy_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::boolean:
      return "b1";
    case Dtype::u8:
      return "u1";
    case Dtype::i8:
      return "i1";
    case Dtype::i16:
      return "i2";
    case Dtype::u16:
      return "u2";
    case Dtype::f16:
      return "f2";
    case Dtype::i32:
      return "i4";
    case Dtype::u32:
      return "u4";
    case Dtype::f32:
      return "f4";
    case Dtype::f64:
      return "f8";
    case Dtype::i64:
      return "i8";
    case Dtype::u64:
      return "u8";
    case Dtype::c64:
      return "c8";
    default:
      return "";
  }
}

/// Reads the dictionary: its three keys, in any order, each once, and no other.
class NpyDictionary {
 public:
  /// `file` and `place` are what errors call it.
  NpyDictionary(std::string_view file, std::string place, std::string_view text)
      : file_(file), place_(std::move(place)), text_(text) {}

  void read(NpyHeader& header) {
    skip_spaces();
    expect('{');
    std::set<std::string, std::less<>> seen;
    while (!accept('}')) {
      const std::string key(quoted());
      if (!seen.insert(key).second) refuse("a key of its own", in_quotes(key) + " again");
      expect(':');
      read_value(key, header);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen.contains(key)) refuse("the key '" + std::string(key) + "'", "none of this name");
    }
    if (!text_.empty()) refuse("the dictionary's end", in_quotes(text_, 20));
  }

 private:
  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    throw NumpyError(file_, place_, expected, got);
  }

  void read_value(const std::string& key, NpyHeader& header) {
    if (key == "descr") {
      read_type(header);
    } else if (key == "fortran_order") {
      header.column_major = accept("True");
      if (!header.column_major && !accept("False")) refuse("fortran_order True or False", next());
    } else if (key == "shape") {
      read_shape(header.shape);
    } else {
      refuse("the keys 'descr', 'fortran_order' and 'shape'", in_quotes(key));
    }
  }

  /// A type is a string, or a list of fields, of which no numbers can be read.
  void read_type(NpyHeader& header) {
    if (!text_.empty() && text_.front() == '[') {
      header.dtype_name = shown(brackets());
      return;
    }
    const std::string_view name = quoted();
    header.dtype_name = shown(name);
    if (name.size() < 2 || std::string_view("<>|=").find(name.front()) == std::string_view::npos) return;
    for (std::size_t i = 0; i < dtypes.size(); ++i) {
      const auto dtype = static_cast<Dtype>(i);
      if (!npy_type(dtype).empty() && npy_type(dtype) == name.substr(1)) header.dtype = dtype;
    }
    header.big_endian = name.front() == '>';
  }

  void read_shape(std::vector<std::size_t>& shape) {
    expect('(');
    while (!accept(')')) {
      if (shape.size() == npy_rank_limit)
        refuse("at most " + std::to_string(npy_rank_limit) + " axes", "more");
      std::size_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error == std::errc::result_out_of_range) refuse("extents that can be addressed", next());
      if (error != std::errc()) refuse("an extent of 0 or more", next());
      advance(static_cast<std::size_t>(end - text_.data()));
      accept('L');  // as Python 2 wrote long integers
      shape.push_back(extent);
      if (!accept(',')) {
        expect(')');
        return;
      }
    }
  }

  /// A string between single or double quotation marks, in which nothing is escaped.
  std::string_view quoted() {
    const char mark = text_.empty() ? '\0' : text_.front();
    if (mark != '\'' && mark != '"') refuse("a string in quotation marks", next());
    const std::size_t end = text_.find(mark, 1);
    if (end == std::string_view::npos) refuse("a string's end", next());
    const std::string_view inside = text_.substr(1, end - 1);
    if (inside.find('\\') != std::string_view::npos) refuse("a string without escapes", in_quotes(inside));
    advance(end + 1);
    return inside;
  }

  /// All up to the bracket that closes the first one; brackets in strings do not count.
  std::string_view brackets() {
    std::size_t depth = 0;
    char mark = '\0';
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (mark != '\0') {
        if (c == mark) mark = '\0';
      } else if (c == '\'' || c == '"') {
        mark = c;
      } else if (c == '[' || c == '(' || c == '{') {
        ++depth;
      } else if ((c == ']' || c == ')' || c == '}') && --depth == 0) {
        const std::string_view inside = text_.substr(0, i + 1);
        advance(i + 1);
        return inside;
      }
    }
    refuse("a list's end", next());
  }

  /// What stands there, as an error shows it.
  std::string next() const { return text_.empty() ? "the header's end" : in_quotes(text_, 20); }

  bool accept(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    advance(word.size());
    return true;
  }
  bool accept(char c) { return accept(std::string_view(&c, 1)); }
  void expect(char c) {
    if (!accept(c)) refuse("'" + std::string(1, c) + "'", next());
  }

  void advance(std::size_t count) {
    text_.remove_prefix(count);
    skip_spaces();
  }
  void skip_spaces() {
    const std::size_t found = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(std::min(found, text_.size()));
  }

  std::string_view file_;
  std::string place_;
  std::string_view text_;
};

inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// The header at the beginning of `bytes`, of version 1, 2 or 3. `place` is what errors call it within the
/// file. Throws NumpyError unless all of it is there and says what it must.
inline NpyHeader parse_npy_header(std::string_view file, const std::string& place,
                                  std::span<const std::byte> bytes) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw NumpyError(file, place, expected, got);
  };
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(npy_magic)) {
    refuse("\\x93NUMPY, with which a .npy file begins",
           text.empty() ? "nothing" : in_quotes(text.substr(0, npy_magic.size())));
  }
  if (text.size() < 8) refuse("a version of 2 bytes", std::to_string(text.size() - 6));
  const int major = std::to_integer<int>(bytes[6]), minor = std::to_integer<int>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0) {
    refuse("version 1.0, 2.0 or 3.0", std::to_string(major) + "." + std::to_string(minor));
  }
  const std::size_t prefix = major == 1 ? 10 : 12;
  if (text.size() < prefix)
    refuse("a header length of " + std::to_string(prefix - 8) + " bytes", std::to_string(text.size() - 8));
  const std::size_t length =
      major == 1 ? load<std::uint16_t>(bytes.data() + 8) : std::size_t{load<std::uint32_t>(bytes.data() + 8)};
  const std::size_t most = std::min(npy_dictionary_limit, text.size() - prefix);
  if (length > most) {
    refuse("a header of at most " + std::to_string(most) + " bytes", std::to_string(length));
  }
  NpyHeader header;
  header.begin = prefix + length;
  NpyDictionary(file, place, text.substr(prefix, length)).read(header);
  return header;
}

/// The head of a file of such numbers, row-major and little-endian, of version 1.0: padded so that the
/// numbers begin at a multiple of 64 bytes.
inline std::string npy_head(Dtype dtype, std::span<const std::size_t> shape) {
  const std::size_t bits = traits(dtype).bits;
  std::string text = std::string("{'descr': '") + (bits == 8 ? '|' : '<') + std::string(npy_type(dtype)) +
                     "', 'fortran_order': False, 'shape': (";
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    text += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
  text += shape.size() == 1 ? ",), }" : "), }";
  constexpr std::size_t prefix = 10, alignment = 64;
  const std::size_t padding = (alignment - (prefix + text.size() + 1) % alignment) % alignment;
  text += std::string(padding, ' ') + "\n";
  const auto length = static_cast<std::uint16_t>(text.size());
  std::string head(npy_magic);
  head += '\1';
  head += '\0';
  head += static_cast<char>(length & 0xFF);
  head += static_cast<char>(length >> 8);
  return head + text;
}

}  // namespace ctgrad::io
