#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

/// The number types of safetensors files, and reading one number exactly.
namespace ctgrad::io {

static_assert(std::endian::native == std::endian::little, "safetensors files hold little-endian numbers");
static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

/// `other` is any type that this reader has never heard of.
enum class Dtype {
  boolean,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  f64,
  i64,
  u64,
  f4,
  f6_e2m3,
  f6_e3m2,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  c64,
  other
};

struct DtypeTraits {
  std::string_view name;  ///< as the file spells it
  std::size_t bits;       ///< of a number; 0 if that is not known
};

/// In the order of Dtype. Source: the Dtype of safetensors 0.8.
inline constexpr std::array<DtypeTraits, 23> dtypes{
    {{"BOOL", 8},    {"U8", 8},          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"I16", 16},
     {"U16", 16},    {"F16", 16},        {"BF16", 16},       {"I32", 32},    {"U32", 32},    {"F32", 32},
     {"F64", 64},    {"I64", 64},        {"U64", 64},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},
     {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"C64", 64},    {"", 0}}};

constexpr const DtypeTraits& traits(Dtype dtype) { return dtypes[static_cast<std::size_t>(dtype)]; }

/// The type that a file calls so.
constexpr Dtype dtype_named(std::string_view name) {
  std::size_t i = 0;
  while (i + 1 < dtypes.size() && dtypes[i].name != name) ++i;
  return static_cast<Dtype>(i);
}

/// The bytes of a tensor, the last one perhaps not full; nothing if they, or those of the extents that are
/// not zero, cannot be addressed, so that no product of some extents, a stride say, overflows where that of
/// all does not. Of a type of unknown size 0, if its numbers could be addressed as bytes.
constexpr std::optional<std::size_t> byte_count(Dtype dtype, std::span<const std::size_t> shape) {
  const std::size_t bits = traits(dtype).bits;
  const std::size_t most =
      static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / (bits < 8 ? 1 : bits / 8);
  std::size_t count = 1;
  bool empty = false;
  for (const std::size_t extent : shape) {
    empty = empty || extent == 0;
    if (extent == 0) continue;
    if (count > most / extent) return {};
    count *= extent;
  }
  return empty ? 0 : count / 8 * bits + (count % 8 * bits + 7) / 8;
}

/// Whether the last number of a tensor ends inside a byte, as the third one of 4 bits does.
constexpr bool ends_inside_a_byte(Dtype dtype, std::span<const std::size_t> shape) {
  std::size_t bits = traits(dtype).bits % 8;
  for (const std::size_t extent : shape) bits = bits * (extent % 8) % 8;
  return bits != 0;
}

/// The 16 bits of an IEEE 754 half; every half is a float.
struct Half {
  std::uint16_t bits;

  constexpr explicit operator float() const {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1Fu;
    const std::uint32_t fraction = bits & 0x3FFu;
    if (exponent == 0) {  // zero and the subnormals, multiples of 2^-24
      const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
      return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t rebiased = exponent == 31 ? 255 : exponent + (127 - 15);
    return std::bit_cast<float>(sign | (rebiased << 23) | (fraction << 13));
  }
};

/// The upper 16 bits of a float.
struct Bfloat16 {
  std::uint16_t bits;

  constexpr explicit operator float() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
};

/// visit(value) with a value of the C++ type that `dtype` is read as; false if there is none.
template <class Visit>
constexpr bool visit_dtype(Dtype dtype, Visit visit) {
  switch (dtype) {
    case Dtype::boolean:
      return visit(bool{});
    case Dtype::u8:
      return visit(std::uint8_t{});
    case Dtype::i8:
      return visit(std::int8_t{});
    case Dtype::i16:
      return visit(std::int16_t{});
    case Dtype::u16:
      return visit(std::uint16_t{});
    case Dtype::f16:
      return visit(Half{});
    case Dtype::bf16:
      return visit(Bfloat16{});
    case Dtype::i32:
      return visit(std::int32_t{});
    case Dtype::u32:
      return visit(std::uint32_t{});
    case Dtype::f32:
      return visit(float{});
    case Dtype::f64:
      return visit(double{});
    case Dtype::i64:
      return visit(std::int64_t{});
    case Dtype::u64:
      return visit(std::uint64_t{});
    default:
      break;
  }
  return false;
}

/// The number type that holds T, which is one of those that visit_dtype visits with.
template <class T>
constexpr Dtype dtype_of() {
  constexpr std::size_t index = [] {
    std::size_t i = 0;
    const auto is_read_as_t = []<class Stored>(Stored) { return std::same_as<Stored, T>; };
    while (i < dtypes.size() && !visit_dtype(static_cast<Dtype>(i), is_read_as_t)) ++i;
    return i;
  }();
  static_assert(index < dtypes.size(), "dtype_of: safetensors files hold no numbers of this type");
  return static_cast<Dtype>(index);
}

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

/// Whether numbers of a stored type may be asked for as To: booleans as booleans; integers as any integers
/// (each number must then fit); integers and floating-point numbers as a floating-point type that holds all
/// of them.
template <class Stored, class To>
constexpr bool readable_as() {
  if constexpr (std::same_as<Stored, To> || (Integer<Stored> && Integer<To>)) {
    return true;
  } else if constexpr (std::same_as<Stored, Half> || std::same_as<Stored, Bfloat16>) {
    return std::floating_point<To>;
  } else if constexpr ((Integer<Stored> || std::floating_point<Stored>)&&std::floating_point<To>) {
    return std::numeric_limits<Stored>::digits <= std::numeric_limits<To>::digits;
  } else {
    return false;
  }
}

/// The number at `bytes`, which need not be aligned.
template <class Stored>
Stored load(const std::byte* bytes) {
  Stored value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace ctgrad::io
