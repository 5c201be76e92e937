// Catch2's main for every test program; it says which seed a run used, so that any run can be repeated with
// `--rng-seed N`.
#define CATCH_CONFIG_RUNNER
#include "../../examples/support/numbers.hpp"
#include "../../examples/support/program.hpp"

#include <iostream>
#include <limits>
#include <string_view>
#include <support/catch.hpp>

namespace {

/// Catch2 would take -1 and 1x for seeds.
void check_seed(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view option = argv[i], text = argv[i + 1];
    if (option == "--rng-seed" && text != "time" && text != "random-device")
      numbers::whole(option, text, {.most = std::numeric_limits<std::uint32_t>::max()});
  }
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("tests", [&] {
    check_seed(argc, argv);
    Catch::Session session;
    session.configData().rngSeed = 1;  // both versions of Catch2 then agree on a fixed default
    if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
    std::cout << "seed: " << session.configData().rngSeed << '\n' << std::flush;
    return session.run();
  });
}
