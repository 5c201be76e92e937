#include "job.hpp"

#ifdef CTGRAD_EXAMPLES_HAVE_MPI
#include <ctgrad/mpi/ranks.hpp>
#endif

#include <ctgrad/base/byte_hash.hpp>
#include <ctgrad/io/read_file.hpp>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <thread>

namespace program {

namespace {

/// Leads a stream to nowhere; gives a copy of where it led.
int silence(std::FILE* stream) {
  std::fflush(stream);
  const int copy = ::dup(::fileno(stream)), nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere < 0) return copy;
  ::dup2(nowhere, ::fileno(stream));
  ::close(nowhere);
  return copy;
}

void restore(std::FILE* stream, int copy) {
  if (copy < 0) return;
  std::fflush(stream);
  ::dup2(copy, ::fileno(stream));
  ::close(copy);
}

/// What a rank does that has thrown something, unless all have: the first one says why, and so does another
/// one that fails alone. Where all fail alike, the first one has ended the job by then.
void fail_alone(const char* name, const ctgrad::Ranks& ranks, const std::exception& error) {
  if (!ranks.is_first()) std::this_thread::sleep_for(std::chrono::seconds(1));
  flush_output();
  std::fprintf(stderr, "%s: rank %zu: %s\n", name, ranks.rank(), error.what());
  ranks.end_job(2);
}

}  // namespace

ctgrad::Ranks ranks_of_job() {
#ifdef CTGRAD_EXAMPLES_HAVE_MPI
  return ctgrad::mpi_ranks();
#else
  const char* const size = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (size == nullptr || std::string(size) == "1") return {};
  throw std::runtime_error(std::string("began as one of ") + size +
                           " ranks, but was built without MPI: install libopenmpi-dev and build again");
#endif
}

ctgrad::Team team_of_job() {
#ifdef CTGRAD_EXAMPLES_HAVE_MPI
  return ctgrad::mpi_team();
#else
  return {};
#endif
}

void require_same_program(const ctgrad::Ranks& ranks, int argc, char** argv) {
  if (ranks.size() == 1) return;
  std::string arguments;
  for (int i = 1; i < argc; ++i) arguments += (i > 1 ? " " : "") + std::string(argv[i]);
  ranks.require_same("arguments", arguments);
  std::string program;
  ranks.together([&] {
    program = ctgrad::io::read_file("/proc/self/exe", std::numeric_limits<std::size_t>::max() / 2);
  });
  ranks.require_same("the program, by a hash of its file", std::to_string(ctgrad::hash_of(program)));
}

OnlyTheFirstPrints::OnlyTheFirstPrints(const ctgrad::Ranks& ranks) {
  if (ranks.is_first()) return;
  output_ = silence(stdout);
  errors_ = silence(stderr);
}

OnlyTheFirstPrints::~OnlyTheFirstPrints() {
  restore(stdout, output_);
  restore(stderr, errors_);
}

int run_job(const char* name, int argc, char** argv, const std::function<int(const ctgrad::Ranks&)>& body) {
  return run(name, [&] {
    const ctgrad::Ranks ranks = ranks_of_job();
    if (ranks.size() == 1) return body(ranks);
    try {
      const OnlyTheFirstPrints quiet(ranks);
      require_same_program(ranks, argc, argv);
      return body(ranks);
    } catch (const Stopped& stopped) {
      if (ranks.is_first()) std::fprintf(stderr, "%s: %s\n", name, stopped.what());
      return stopped.exit_code;
    } catch (const std::exception& error) {
      if (!ranks.have_left()) fail_alone(name, ranks, error);
      if (ranks.is_first()) std::fprintf(stderr, "%s: %s\n", name, error.what());
      return 2;
    }
  });
}

}  // namespace program
