#include "small_run.hpp"

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>

using namespace ctgrad;
using test::SmallAdamRun;
using Bytes = std::vector<std::byte>;

namespace {

/// A run, and its checkpoint byte by byte.
struct Saved {
  Saved() {
    const test::TemporaryFolder folder;
    run.take_steps(3);
    save_checkpoint(folder / "run", run.parameters, run.optimizer,
                    {.step = 3, .seed = 1, .position = 3, .notes = {{"task", "reverse"}}});
    std::ifstream stream(folder / "run", std::ios::binary);
    for (const char character : std::string(std::istreambuf_iterator<char>(stream), {})) {
      bytes.push_back(static_cast<std::byte>(character));
    }
  }

  SmallAdamRun run{1};
  Bytes bytes;
};

/// Loads the bytes into another run. True if they are taken: it must then equal the one that was saved, and
/// otherwise be as it was, the message naming the file.
bool taken(const Bytes& bytes, const Saved& saved) {
  static const SmallAdamRun untouched(2);
  SmallAdamRun run = untouched;
  try {
    const RunState state = load_checkpoint(io::Safetensors(bytes, "F"), run.parameters, run.optimizer);
    const bool equal =
        run.state() == saved.run.state() && state.step == 3 && state.seed == 1 && state.position == 3;
    CHECK(equal);
    return true;
  } catch (const std::runtime_error& error) {
    const bool names_the_file = std::string(error.what()).starts_with("F: ");
    const bool unchanged = run.state() == untouched.state();
    CHECK(names_the_file);
    CHECK(unchanged);
    return false;
  }
}

}  // namespace

TEST_CASE("a checkpoint cut off at any byte, or longer by one, is refused", "[checkpoint]") {
  const Saved saved;
  REQUIRE(taken(saved.bytes, saved));
  std::size_t refused = 0;
  for (std::size_t size = 0; size < saved.bytes.size(); ++size) {
    CAPTURE(size);
    const bool took =
        taken({saved.bytes.begin(), saved.bytes.begin() + static_cast<std::ptrdiff_t>(size)}, saved);
    CHECK_FALSE(took);
    if (!took) ++refused;
  }
  Bytes longer = saved.bytes;
  longer.push_back({});
  CHECK_FALSE(taken(longer, saved));
  std::printf("figure: a checkpoint of %zu bytes cut off at each: %zu of %zu refused\n", saved.bytes.size(),
              refused, saved.bytes.size());
}

TEST_CASE("a checkpoint with any bit of its header flipped is refused or loads equal tensors",
          "[checkpoint]") {
  const Saved saved;
  const std::size_t header = 8 + io::load<std::uint64_t>(saved.bytes.data());
  REQUIRE(header < saved.bytes.size());
  std::size_t refused = 0, equal = 0;
  for (std::size_t bit = 0; bit < 8 * header; ++bit) {
    CAPTURE(bit);
    Bytes flipped = saved.bytes;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    ++(taken(flipped, saved) ? equal : refused);
  }
  CHECK(refused > 7 * header);  // a note may change, little else
  std::printf("figure: each bit of its header of %zu bytes flipped: %zu refused, %zu loaded equal tensors\n",
              header, refused, equal);
}

TEST_CASE("a learning rate that cannot be is refused, and nothing has changed", "[checkpoint]") {
  Saved saved;
  const auto bad = GENERATE(std::nan(""), -1.0, 1e39);  // the last one is beyond a float
  const double rate = saved.run.optimizer.learning_rate();
  const auto place = std::ranges::search(saved.bytes, std::as_bytes(std::span(&rate, 1))).begin();
  REQUIRE(place != saved.bytes.end());
  std::memcpy(&*place, &bad, sizeof bad);
  SmallAdamRun run(2);
  const std::string before = run.state();
  CHECK_THROWS_WITH(
      load_checkpoint(io::Safetensors(saved.bytes, "F"), run.parameters, run.optimizer),
      "F: tensor 'optimizer/learning_rate': expected a finite number of at least 0, got " + shortest(bad));
  CHECK(run.state() == before);
}
