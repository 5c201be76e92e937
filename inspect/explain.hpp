#pragma once

#include <ctgrad/inspect/explanation.hpp>
#include <ctgrad/runtime/trace.hpp>

/// What the passes make of a function.
namespace ctgrad {

template <class Scalar, auto Function, class... Arguments>
class BasicProgram;
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
class BasicShardedProgram;

/// The costs of a function's program after every pass, for scalars of so many bytes; nothing is compiled for
/// it. The first stage is the program without passes, which stores numbers as the function asks for. The
/// second, as traced, already has what differentiation fused, since it must do so before it transposes.
template <auto Function, class... Arguments>
Explanation explain(Size scalar = sizeof(float)) {
  constexpr Optimize storage_alone = [] {
    Optimize passes = no_passes;
    passes.precision = passes_of(Function).precision;
    return passes;
  }();
  constexpr auto plain = optimize<storage_alone>(Function);
  Explanation found = explain(runtime::Trace<Function, Arguments...>::traced(), scalar);
  found.stages.insert(found.stages.begin(),
                      {"without passes", false, costs(runtime::Trace<plain, Arguments...>::make(), scalar)});
  return found;
}

/// The costs of a program's function after every pass, for the program's scalars: `std::cout <<
/// explain(program)`.
template <class Scalar, auto Function, class... Arguments>
Explanation explain(const BasicProgram<Scalar, Function, Arguments...>&) {
  return explain<Function, Arguments...>(static_cast<Size>(sizeof(Scalar)));
}

/// The same of a program in shards: of one of them, without the join of their results.
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
Explanation explain(const BasicShardedProgram<Scalar, Shards, Function, Arguments...>&) {
  using Part = typename BasicShardedProgram<Scalar, Shards, Function, Arguments...>::Part;
  return []<auto Own, class... Types>(std::type_identity<BasicProgram<Scalar, Own, Types...>>) {
    return explain<Own, Types...>(static_cast<Size>(sizeof(Scalar)));
  }(std::type_identity<Part>{});
}

}  // namespace ctgrad
