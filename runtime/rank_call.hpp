#pragma once

#include <array>
#include <cstddef>
#include <string>

/// What ranks do together, by name: so that ranks that make different calls are told apart.
namespace ctgrad {

/// A call that all ranks make together.
enum class RankCall : int {
  exchange,
  gather,
  broadcast,
  agreement,
  comparison,
  run,
  results,
  update,
  gradients,
  max_norm,
  parameters,
  state,
  stop,
  end
};

/// "the parameters of an update"
inline const char* name_of(RankCall call) {
  static constexpr std::array names{"an exchange",
                                    "a gather",
                                    "a broadcast",
                                    "an agreement (together, any)",
                                    "a comparison (require_same)",
                                    "the run of a program",
                                    "the results of a program's run",
                                    "the beginning of an update",
                                    "the gradients of an update",
                                    "the norm of an update's gradients",
                                    "the parameters of an update",
                                    "gather_state",
                                    "the end of a loop's step",
                                    "the end of its Ranks"};
  static_assert(names.size() == static_cast<std::size_t>(RankCall::end) + 1);
  const auto number = static_cast<std::size_t>(call);
  return number < names.size() ? names[number] : "a call of another program";
}

/// What a rank says that finds another one elsewhere:
///
///     rank 1 is at the end of its Ranks, rank 0 at the run of a program: all ranks make the same calls
inline std::string different_calls(std::size_t other, RankCall its, std::size_t rank, RankCall own) {
  return "rank " + std::to_string(other) + " is at " + name_of(its) + ", rank " + std::to_string(rank) +
         " at " + name_of(own) + ": all ranks make the same calls, in the same order";
}

/// What a rank says that makes the same call as another one for data of another size, of which it knows how
/// many bytes that one sends, or that they are more:
///
///     a gather: rank 1 sends 4 bytes, rank 0 expects 8 of it: all ranks have data of the same shapes
inline std::string different_sizes(RankCall call, std::size_t other, const std::string& sent,
                                   std::size_t rank, std::size_t expected) {
  return std::string(name_of(call)) + ": rank " + std::to_string(other) + " sends " + sent + " bytes, rank " +
         std::to_string(rank) + " expects " + std::to_string(expected) +
         " of it: all ranks have data of the same shapes";
}

}  // namespace ctgrad
