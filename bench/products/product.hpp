#pragma once

#include "../support/shape.hpp"

#include <ctgrad/kernels/matmul.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <utility>

/// The matrix products of the configurations' linear layers, forward and backward.
namespace bench {

using ctgrad::Size;
using ctgrad::kernels::MatmulShape;

/// Y [rows, outputs] = X [rows, inputs] W [inputs, outputs]
struct Layer {
  const char* name = "";
  Size rows = 0;
  Size inputs = 0;
  Size outputs = 0;
};

/// What a product of a layer gives. The first letter says whether the left operand is stored transposed, the
/// second the right one.
enum class Role {
  output,            ///< NN: Y = X W
  input_cotangent,   ///< NT: dX = dY W^T
  added_cotangent,   ///< NT: dX += dY W^T, where several layers read one X
  weight_cotangent,  ///< TN: dW = X^T dY
  added_weight,      ///< TN: dW += X^T dY, where rows come in chunks
};

constexpr const char* letters(Role role) {
  constexpr const char* names[] = {"NN", "NT", "NT+", "TN", "TN+"};
  return names[static_cast<int>(role)];
}

/// The shape of a layer's product.
constexpr MatmulShape product_shape(const Layer& layer, Role role) {
  const auto [name, rows, inputs, outputs] = layer;
  MatmulShape shape{rows, outputs, inputs};
  if (role == Role::input_cotangent || role == Role::added_cotangent)
    shape = {rows, inputs, outputs, false, true};
  if (role == Role::weight_cotangent || role == Role::added_weight) shape = {inputs, outputs, rows, true};
  shape.accumulate = role == Role::added_cotangent || role == Role::added_weight;
  return shape;
}

/// A product that is timed.
struct Product {
  Layer layer;
  Role role = Role::output;
  MatmulShape shape;
  /// The library's kernel for it: c [rows, columns], a and b as stored, totals [scratch_count(shape)].
  void (*run)(float* c, const float* a, const float* b, double* totals) = nullptr;

  double flops() const {
    return 2.0 * static_cast<double>(shape.rows) * static_cast<double>(shape.columns) *
           static_cast<double>(shape.inner);
  }
};

/// The different products of a configuration's layers.
class ProductList {
 public:
  struct Entry {
    Layer layer;
    Role role = Role::output;
  };

  /// The cotangents of what several layers read, of what was added to a layer's result too, are added up. So
  /// are those of the head where the logits are so many that the loss takes its rows in chunks, which it then
  /// does by kernels of its own: here they are timed whole.
  explicit constexpr ProductList(const Shape& s) {
    const Size rows = s.batch * s.length;
    const Layer projection{"projection", rows, s.width, s.width};
    const Layer hidden{"hidden", rows, s.width, s.hidden};
    const Layer narrowing{"narrowing", rows, s.hidden, s.width};
    const Layer head{"head", rows, s.width, s.vocabulary};
    const bool chunks = rows * s.vocabulary >= 16384;
    add(projection, {Role::output, Role::input_cotangent, Role::added_cotangent, Role::weight_cotangent});
    add(hidden, {Role::output, Role::added_cotangent, Role::weight_cotangent});
    add(narrowing, {Role::output, Role::input_cotangent, Role::weight_cotangent});
    add(head, {Role::output, chunks ? Role::added_cotangent : Role::input_cotangent,
               chunks ? Role::added_weight : Role::weight_cotangent});
  }

  constexpr std::size_t size() const { return count_; }
  constexpr const Entry& operator[](std::size_t i) const { return entries_[i]; }

 private:
  constexpr void add(const Layer& layer, std::initializer_list<Role> roles) {
    for (const Role role : roles) {
      if (!contains(layer, role)) entries_[count_++] = {layer, role};
    }
  }

  /// Whether there is a product of that role and of the same extents.
  constexpr bool contains(const Layer& layer, Role role) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const Layer& other = entries_[i].layer;
      if (entries_[i].role == role && other.rows == layer.rows && other.inputs == layer.inputs &&
          other.outputs == layer.outputs)
        return true;
    }
    return false;
  }

  std::array<Entry, 16> entries_{};
  std::size_t count_ = 0;
};

/// The library's kernel for a product.
template <MatmulShape S>
void multiply(float* c, const float* a, const float* b, double* totals) {
  ctgrad::kernels::matmul<S>(c, a, b, totals);
}

/// The different products of a configuration, each with its kernel.
template <Shape S>
std::span<const Product> products() {
  static constexpr ProductList entries(S);
  static constexpr auto list = []<std::size_t... I>(std::index_sequence<I...>) {
    const auto product = []<std::size_t J>(std::integral_constant<std::size_t, J>) {
      constexpr ProductList::Entry entry = entries[J];
      constexpr MatmulShape shape = product_shape(entry.layer, entry.role);
      return Product{entry.layer, entry.role, shape, &multiply<shape>};
    };
    return std::array{product(std::integral_constant<std::size_t, I>{})...};
  }(std::make_index_sequence<entries.size()>{});
  return list;
}

// One for every configuration. Each is a file of its own, since it compiles a dozen kernels.
std::span<const Product> products_of_toy();
std::span<const Product> products_of_toy_1();
std::span<const Product> products_of_seed();
std::span<const Product> products_of_seed_32();
std::span<const Product> products_of_small();
std::span<const Product> products_of_base();

}  // namespace bench
