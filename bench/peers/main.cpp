// ctgrad's worker in the comparison with other frameworks, which peers/driver/ starts and asks.
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "configurations.hpp"

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

#if defined(__clang__)
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

#if defined(__AVX512F__)
constexpr int vector_bits = 512;
#elif defined(__AVX__)
constexpr int vector_bits = 256;
#else
constexpr int vector_bits = 128;
#endif

struct Configuration {
  std::string_view name;
  std::unique_ptr<bench::Original> (*original)(bench::Scalar);
};

constexpr Configuration configurations[] = {
    {"toy", bench::work_on_toy},         {"toy-1", bench::work_on_toy_1}, {"seed", bench::work_on_seed},
    {"seed-32", bench::work_on_seed_32}, {"small", bench::work_on_small}, {"base", bench::work_on_base},
};

std::unique_ptr<bench::Original> original_of(std::string_view name, bench::Scalar scalar) {
  for (const Configuration& configuration : configurations) {
    if (configuration.name == name) return configuration.original(scalar);
  }
  throw bench::unknown_configuration(std::string(name), configurations);
}

std::string version() { return std::string(compiler) + ", " + std::to_string(vector_bits) + "-bit vectors"; }

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_peers", [&] {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const std::string verb = arguments.empty() ? "" : arguments[0];
    if (arguments.size() != 3 || (verb != "write" && verb != "serve" && verb != "serve-double")) {
      std::fputs("usage: bench_peers write|serve|serve-double CONFIGURATION FILE\n", stderr);
      return 2;
    }
    const auto scalar = verb == "serve-double" ? bench::Scalar::in_double : bench::Scalar::in_float;
    const auto worker = original_of(arguments[1], scalar);
    if (verb == "write") {
      worker->write(arguments[2]);
    } else {
      worker->load(arguments[2]);
      bench::serve(*worker, version());
    }
    return 0;
  });
}
