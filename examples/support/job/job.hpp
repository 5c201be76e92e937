#pragma once

#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/runtime/team.hpp>

#include "../program.hpp"

#include <functional>

/// Programs that several processes may run together, as `mpirun -n 4 ./03_train_encoder` begins them.
namespace program {

/// The processes that an MPI launcher began; this one alone where there was none. Throws std::runtime_error
/// where it did, but this program was built without MPI.
ctgrad::Ranks ranks_of_job();

/// The threads of each of them. Called by all ranks.
ctgrad::Team team_of_job();

/// Throws std::invalid_argument where ranks are not processes of the same program with the same arguments.
void require_same_program(const ctgrad::Ranks& ranks, int argc, char** argv);

/// What a rank prints besides the first one goes nowhere while one of these lives.
class OnlyTheFirstPrints {
 public:
  explicit OnlyTheFirstPrints(const ctgrad::Ranks& ranks);
  OnlyTheFirstPrints(const OnlyTheFirstPrints&) = delete;
  OnlyTheFirstPrints& operator=(const OnlyTheFirstPrints&) = delete;
  ~OnlyTheFirstPrints();

 private:
  int output_ = -1, errors_ = -1;  ///< copies of what they were
};

/// Runs what gives the exit code at all ranks, as `run` does at a single process: the first one prints. Where
/// one fails by itself, it says so and ends the others.
int run_job(const char* name, int argc, char** argv, const std::function<int(const ctgrad::Ranks&)>& body);

}  // namespace program
