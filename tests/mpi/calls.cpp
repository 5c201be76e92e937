#include <ctgrad/mpi/ranks.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

/// Ranks of MPI that make the same calls, or, as the argument says, do not: then the job has to end, and say
/// why.
namespace {

using ctgrad::Ranks;

/// All ranks but the last one do what they should.
int run(const Ranks& ranks, const std::string& fault) {
  const bool is_wrong = ranks.rank() + 1 == ranks.size();
  const std::size_t steps = fault == "a-step-less" && is_wrong ? 3 : 4;
  for (std::size_t step = 0; step < steps; ++step) {
    const auto found = ranks.gather(ranks.rank() + step);
    for (std::size_t r = 0; r < ranks.size(); ++r) {
      if (found[r] != r + step) throw std::runtime_error("a gather of other numbers");
    }
    if (ranks.any(ranks.rank() == 1 && step == 7)) throw std::runtime_error("nobody said so");
    if (!ranks.any(is_wrong)) throw std::runtime_error("one said so");
  }
  if (fault == "throws" && is_wrong) throw std::runtime_error("my own trouble");
  if (fault == "leaves" && is_wrong) std::exit(3);
  if (fault == "another-call" && is_wrong) return static_cast<int>(ranks.gather(std::uint64_t{1})[0]);
  if (fault == "another-size" && is_wrong) return static_cast<int>(ranks.gather(std::uint16_t{1})[0]);
  if (fault == "another-size") return static_cast<int>(ranks.gather(std::uint64_t{0})[0]);
  if (fault == "larger" && is_wrong) return static_cast<int>(ranks.gather(std::uint64_t{1})[0]);
  if (fault == "larger") return static_cast<int>(ranks.gather(std::uint16_t{0})[0]);
  ranks.require_same("the seed", fault == "another-seed" && is_wrong ? "2" : "1");
  return 0;
}

int run_and_catch(const Ranks& ranks, const std::string& fault) {
  try {
    return run(ranks, fault);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rank %zu caught: %s\n", ranks.rank(), error.what());
    return 4;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string fault = argc > 1 ? argv[1] : "";
  if (argc > 2) {  // what is thrown passes the ranks by
    try {
      return run(ctgrad::mpi_ranks(), fault);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "caught behind the ranks: %s\n", error.what());
      return 5;
    }
  }
  const Ranks ranks = ctgrad::mpi_ranks();
  return run_and_catch(ranks, fault);
}
