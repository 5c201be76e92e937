#pragma once

#include <ctgrad/graph/node.hpp>

#include <concepts>
#include <vector>

/// What every operation gives the tests: operands to try it on, and operands that it must refuse.
namespace ctgrad {

/// Which real numbers an operand takes.
enum class Domain : std::uint8_t {
  any,       ///< magnitudes up to 2
  positive,  ///< from 0.5 to 2.5
  nonzero,   ///< magnitudes from 0.5 to 2.5
  inside,    ///< magnitudes up to 0.5
  apart,     ///< no two elements of such operands closer than 1/8, none closer than 1/16 to 0
};

struct Sample {
  struct Operand {
    Type type;
    Domain domain = Domain::any;
  };
  std::vector<Operand> operands;
  Attributes attributes = {};
  Type result = {};  ///< of an operation without operands; the others infer theirs
};

struct Samples {
  std::vector<Sample> accepted;
  std::vector<Sample> refused;  ///< `infer` throws std::invalid_argument naming the operation
};

/// An operation that says what the tests try it on.
template <class Op>
concept Sampled = requires {
  { Op::samples() } -> std::same_as<Samples>;
};

/// The words that samples are written in: `real(2, 3)` is a matrix of any real numbers.
namespace sample {

template <class... Extents>
constexpr Sample::Operand real(Extents... extents) {
  return {{Kind::real, shape_of(extents...)}, Domain::any};
}
template <class... Extents>
constexpr Sample::Operand apart(Extents... extents) {
  return {{Kind::real, shape_of(extents...)}, Domain::apart};
}
/// Integers; ids where the operation takes ids, and then within their limit.
template <class... Extents>
constexpr Sample::Operand index(Extents... extents) {
  return {{Kind::index, shape_of(extents...)}, Domain::any};
}
template <class... Extents>
constexpr Sample::Operand mask(Extents... extents) {
  return {{Kind::mask, shape_of(extents...)}, Domain::any};
}

/// Shapes of rank 0 to 4, of extent 1 and of extent 0.
constexpr std::vector<Shape> shapes() {
  return {shape_of(),        shape_of(1),          shape_of(3), shape_of(2, 3),
          shape_of(2, 1, 3), shape_of(2, 3, 1, 2), shape_of(0), shape_of(2, 0, 3)};
}

/// Operands of equal shapes, one for every kind and domain given; samples of every shape.
constexpr std::vector<Sample> of_every_shape(const std::vector<Sample::Operand>& operands,
                                             const Attributes& attributes = {}) {
  std::vector<Sample> samples;
  for (const Shape& shape : shapes()) {
    Sample sample{operands, attributes};
    for (Sample::Operand& operand : sample.operands) operand.type.shape = shape;
    samples.push_back(sample);
  }
  return samples;
}

/// A function of one real number.
constexpr Samples unary(Domain domain, const Attributes& attributes = {}) {
  return {of_every_shape({{Type{}, domain}}, attributes),
          {{{index(2)}, attributes}, {{mask(2)}, attributes}}};
}

/// A function of two real numbers.
constexpr Samples binary(Domain left, Domain right) {
  return {of_every_shape({{Type{}, left}, {Type{}, right}}),
          {{{real(2), index(2)}}, {{mask(2), real(2)}}, {{real(2), real(3)}}, {{real(2), real(2, 1)}}}};
}

}  // namespace sample
}  // namespace ctgrad
