#pragma once

#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/train/run_view.hpp>
#include <ctgrad/train/stop_signal.hpp>

/// What ranks that train together agree on beside their results. All of it is called by all ranks.
namespace ctgrad {

/// Parameters, and what an optimiser knows, as the first rank has them: from a file that only that one can
/// read, say. An optimiser is then still to be told the state.
template <std::floating_point Scalar>
void broadcast(const Ranks& ranks, RunView<Scalar>& view) {
  ranks.broadcast(view.parameters);
  for (const StateBuffer<Scalar>& buffer : view.buffers) ranks.broadcast(buffer.numbers);
  ranks.broadcast(std::span(&view.state, 1));
}

/// The same of parameters and an optimiser.
template <FlatParameters P, StatefulOptimizer O>
void broadcast(const Ranks& ranks, P& parameters, O& optimizer) {
  auto view = view_of(parameters, optimizer);
  broadcast(ranks, view);
  restore(optimizer, view.state);
}

/// Where the run is, as the first rank says; its notes are left to each rank.
inline void broadcast(const Ranks& ranks, RunState& run) {
  ranks.broadcast(std::span(&run.step, 1));
  ranks.broadcast(std::span(&run.seed, 1));
  ranks.broadcast(std::span(&run.position, 1));
}

/// A signal that has come to one rank has come to all of them.
inline void share_signal(const Ranks& ranks, const StopOnSignals& stop) {
  for (const int signal : ranks.gather(stop.signal())) {
    if (signal != 0) stop.note_signal(signal);
  }
}

}  // namespace ctgrad
