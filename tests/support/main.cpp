// Catch2's main for every test program; it says which seed a run used, so that any run can be repeated with
// `--rng-seed N`.
#define CATCH_CONFIG_RUNNER
#include <iostream>
#include <support/catch.hpp>

int main(int argc, char** argv) {
  Catch::Session session;
  session.configData().rngSeed = 1;  // both versions of Catch2 then agree on a fixed default
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  std::cout << "seed: " << session.configData().rngSeed << '\n' << std::flush;
  return session.run();
}
