#pragma once

#include <ctgrad/io/metadata.hpp>
#include <ctgrad/runtime/parameters.hpp>
#include <ctgrad/train/optimizer.hpp>

/// What a training run goes on from, apart from its model's type and its optimiser's: little to include, so
/// that a program's files can be the concern of another source than its model is.
namespace ctgrad {

/// Where a run is, beside its parameters and its optimiser.
struct RunState {
  std::uint64_t step = 0;      ///< steps done
  std::uint64_t seed = 0;      ///< of the generator of its data
  std::uint64_t position = 0;  ///< how much that generator has given
  io::Metadata notes{};        ///< anything else, under names that do not begin with "ctgrad."
};

/// What an optimiser knows beside its buffers and its options.
struct OptimizerState {
  std::uint64_t steps = 0;
  double learning_rate = 0;
};

/// The numbers of parameters and of what an optimiser remembers, where they lie. Element may be const.
template <class Element>
struct RunView {
  const std::vector<FlatEntry>& entries;
  std::span<Element> parameters;
  std::string optimizer;  ///< "Adam"
  std::vector<StateBuffer<Element>> buffers;
  OptimizerState state;
};

/// An optimiser that says what it remembers, and can be told it: see Optimizer.
template <class O>
concept StatefulOptimizer = requires(O& optimizer, const O& unchanged) {
  optimizer.state();
  unchanged.state();
  { unchanged.name() } -> std::convertible_to<std::string>;
  { unchanged.size() } -> std::convertible_to<std::size_t>;
  { unchanged.steps() } -> std::convertible_to<std::uint64_t>;
  { unchanged.learning_rate() } -> std::convertible_to<double>;
  optimizer.restore_steps(std::uint64_t{});
  optimizer.set_learning_rate(double{});
};

/// Tells an optimiser what a checkpoint said of it.
template <StatefulOptimizer O>
void restore(O& optimizer, const OptimizerState& state) {
  optimizer.set_learning_rate(state.learning_rate);
  optimizer.restore_steps(state.steps);
}

/// Throws std::invalid_argument if the optimiser is of another size than the parameters, or was made for
/// others of another layout. P and O may be const.
template <class P, class O>
  requires StatefulOptimizer<std::remove_const_t<O>>
auto view_of(P& parameters, O& optimizer) {
  using Element = typename decltype(parameters.flat())::element_type;
  if (optimizer.size() != parameters.size()) {
    throw std::invalid_argument("checkpoint: optimizer: expected " + std::to_string(parameters.size()) +
                                " numbers, got " + std::to_string(optimizer.size()));
  }
  if constexpr (requires { optimizer.require_layout(parameters); }) optimizer.require_layout(parameters);
  if constexpr (std::is_const_v<O> && requires { optimizer.state_is_whole(); }) {
    if (!optimizer.state_is_whole()) {
      throw std::logic_error(
          "checkpoint: optimizer: expected all that it remembers, got that of one rank: let all ranks call "
          "gather_state() first, and the first one write");
    }
  }
  const auto buffers = optimizer.state();
  return RunView<Element>{parameters.entries(),
                          parameters.flat(),
                          optimizer.name(),
                          {buffers.begin(), buffers.end()},
                          {optimizer.steps(), optimizer.learning_rate()}};
}

}  // namespace ctgrad
