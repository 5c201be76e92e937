#include "small_run.hpp"

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>
#include <type_traits>

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

namespace {

/// The message with which the bytes are refused, `number` being in the place of the first `old`.
template <class Number>
std::string refusal(Saved saved, Number old, std::type_identity_t<Number> number, std::size_t after = 0) {
  const auto place =
      std::ranges::search(std::span(saved.bytes).subspan(after), std::as_bytes(std::span(&old, 1))).begin();
  REQUIRE(&*place + sizeof old <= &saved.bytes.back() + 1);
  std::memcpy(&*place, &number, sizeof number);
  SmallAdamRun run(2);
  const std::string before = run.state();
  std::string message = "not refused";
  try {
    load_checkpoint(io::Safetensors(saved.bytes, "F"), run.parameters, run.optimizer);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK((run.state() == before) == (message != "not refused"));
  return message;
}

}  // namespace

TEST_CASE("a learning rate or steps that cannot be are refused, and nothing has changed", "[checkpoint]") {
  const Saved saved;
  const double rate = saved.run.optimizer.learning_rate();
  for (const double bad : {std::nan(""), -1.0, 1e39}) {  // the last one is beyond a float
    CHECK(refusal(saved, rate, bad) ==
          "F: tensor 'optimizer/learning_rate': expected a finite number of at least 0, got " +
              shortest(bad));
  }
  const std::size_t steps = 8 + io::load<std::uint64_t>(saved.bytes.data()) + sizeof rate;
  CHECK(refusal(saved, std::uint64_t{3}, std::numeric_limits<std::uint64_t>::max(), steps) ==
        "F: tensor 'optimizer/steps': expected at most 9007199254740992, got 18446744073709551615");
}

TEST_CASE("numbers that no sound run has are refused by their names, and nothing has changed",
          "[checkpoint]") {
  const Saved saved;
  const auto state = saved.run.optimizer.state();
  const std::size_t gain = saved.run.parameters.entries().back().offset;
  const float parameter = saved.run.parameters.flat()[gain];
  const float mean = state[0].numbers[gain], mean_square = state[1].numbers[gain];
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto expect = [&](const std::string& buffer, const std::string& expected) {
    return "F: 1 tensor does not fit\n  'gain' from '" + buffer + "/gain': expected " + expected +
           " at position 0";
  };
  for (const auto& [bad, text] : {std::pair{std::nanf(""), "nan"}, {infinity, "inf"}, {-infinity, "-inf"}}) {
    CHECK(refusal(saved, parameter, bad) == expect("parameters", std::string("finite numbers, got ") + text));
    CHECK(refusal(saved, mean, bad) == expect("optimizer/mean", std::string("finite numbers, got ") + text));
    CHECK(refusal(saved, mean_square, bad) ==
          expect("optimizer/mean_square", std::string("finite numbers of at least 0, got ") + text));
  }
  CHECK(refusal(saved, mean_square, -1e-30f) ==
        expect("optimizer/mean_square", "finite numbers of at least 0, got -1e-30"));
  CHECK(refusal(saved, mean_square, -0.0f) == "not refused");
  CHECK(refusal(saved, mean, -mean) == "not refused");
}

TEST_CASE("a run that is not sound takes no sound checkpoint's place", "[checkpoint]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "run";
  SmallAdamRun run(1), other(2);
  save_checkpoint(path, run.parameters, run.optimizer, {});
  const std::string sound = run.state();
  run.parameters.span("gain")[0] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(save_checkpoint(path, run.parameters, run.optimizer, {}),
                    "checkpoint: 'parameters/gain': expected finite numbers, got inf");
  run.parameters.span("gain")[0] = 1;
  run.optimizer.state()[1].numbers[0] = -1;
  CHECK_THROWS_WITH(
      save_checkpoint(path, run.parameters, run.optimizer, {}),
      Catch::StartsWith("checkpoint: 'optimizer/mean_square/") && Catch::EndsWith(" at least 0, got -1"));
  load_checkpoint(path, other.parameters, other.optimizer);
  CHECK(other.state() == sound);
}
