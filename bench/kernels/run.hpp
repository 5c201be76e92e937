#pragma once

#include "kernel.hpp"

#include <ctgrad/ctgrad.hpp>

#include <memory>
#include <tuple>

namespace bench {

namespace cg = ctgrad;

/// Numbers of a Tensor's shape, uniform between -largest and largest; ids of an Index' shape below 8192.
template <class Argument>
auto draw_argument(float largest) {
  std::array<std::size_t, static_cast<std::size_t>(Argument::rank)> shape{};
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    shape[axis] = static_cast<std::size_t>(Argument::shape[static_cast<int>(axis)]);
  std::uint32_t state = 1;
  const auto next = [&state] { return state = state * 1664525 + 1013904223; };
  if constexpr (Argument::kind == cg::Kind::index) {
    xt::xtensor<std::int32_t, shape.size()> ids(shape);
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(next() >> 19);
    return ids;
  } else {
    xt::xtensor<float, shape.size()> numbers(shape);
    for (float& number : numbers) number = static_cast<float>(next() >> 8) / 8388608.F * largest - largest;
    return numbers;
  }
}

/// Adds the program of a function of arrays of numbers up to `largest`. It is made when it first runs.
template <auto Function, class... Arguments>
void add_program(const std::string& name, Work work, float largest = 3) {
  struct Ready {
    explicit Ready(float most) : arguments(draw_argument<Arguments>(most)...) {}
    cg::Program<Function, Arguments...> program;
    std::tuple<decltype(draw_argument<Arguments>(0))...> arguments;
  };
  add_kernel(name, work, [largest, ready = std::shared_ptr<Ready>()]() mutable {
    if (ready == nullptr) ready = std::make_shared<Ready>(largest);
    std::apply([&](const auto&... argument) { ready->program.run(argument...); }, ready->arguments);
  });
}

}  // namespace bench
