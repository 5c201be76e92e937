#pragma once

#include <ctgrad/ops/elementwise.hpp>

namespace ctgrad::ops {

/// Integers with another one in place of one of them: of -1 and 0, {3, -1, 2} -> {3, 0, 2}. Attributes: both.
struct ReplaceIds : Elementwise {
  static constexpr auto name = "replace_ids";
  static auto onnx(const auto& x) {
    const auto& ids = x.attributes().integers;
    return where(equal(x[0], ids[0]), x.number(ids[1]), x[0]);
  }
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr bool keeps_name = true;

  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(name, x, 0, Kind::index);
    return x[0];
  }
  static constexpr Samples samples() {
    using namespace sample;
    const Attributes of_1{.integers = {1, 0}};
    return {
        {{{index()}, of_1}, {{index(5)}, of_1}, {{index(2, 3)}, {.integers = {0, 1}}}, {{index(0)}, of_1}},
        {{{real(2)}, of_1}, {{mask(2)}, of_1}}};
  }

  static std::int32_t apply(const Attributes& attributes, std::int32_t id) {
    return id == attributes.integers[0] ? attributes.integers[1] : id;
  }
};

constexpr Value replace_ids(Value ids, std::int32_t replaced, std::int32_t replacement) {
  Attributes both;
  both.integers[0] = replaced;
  both.integers[1] = replacement;
  return emit<ReplaceIds>(both, ids);
}

}  // namespace ctgrad::ops
