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

enum class Dtype { boolean, u8, i8, f8_e5m2, f8_e4m3, i16, u16, f16, bf16, i32, u32, f32, f64, i64, u64 };

struct DtypeTraits {
  std::string_view name;  ///< as the file spells it
  std::size_t size;       ///< bytes a number
};

/// In the order of Dtype.
inline constexpr std::array<DtypeTraits, 15> dtypes{{{"BOOL", 1},
                                                     {"U8", 1},
                                                     {"I8", 1},
                                                     {"F8_E5M2", 1},
                                                     {"F8_E4M3", 1},
                                                     {"I16", 2},
                                                     {"U16", 2},
                                                     {"F16", 2},
                                                     {"BF16", 2},
                                                     {"I32", 4},
                                                     {"U32", 4},
                                                     {"F32", 4},
                                                     {"F64", 8},
                                                     {"I64", 8},
                                                     {"U64", 8}}};

constexpr const DtypeTraits& traits(Dtype dtype) { return dtypes[static_cast<std::size_t>(dtype)]; }

/// The bytes of a tensor; nothing if they, or those of the extents that are not zero, cannot be addressed, so
/// that no product of some extents, a stride say, overflows where that of all does not.
constexpr std::optional<std::size_t> byte_count(Dtype dtype, std::span<const std::size_t> shape) {
  std::size_t bytes = traits(dtype).size;
  bool empty = false;
  for (const std::size_t extent : shape) {
    empty = empty || extent == 0;
    if (extent == 0) continue;
    if (bytes > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / extent) return {};
    bytes *= extent;
  }
  return empty ? 0 : bytes;
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
    case Dtype::f8_e5m2:
    case Dtype::f8_e4m3:
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
