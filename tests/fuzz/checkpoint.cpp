#include "fuzz.hpp"

#include <train/small_run.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

/// Checkpoints of a tiny run with a few edits: bytes changed, put in and left out, numbers replaced. One that
/// is refused changes nothing; one that is taken holds a sound run, which is saved and loaded as the same.

using namespace ctgrad;
using fuzz::Choices;
using fuzz::require;
using test::SmallAdamRun;
using Bytes = std::vector<std::byte>;

namespace {

Bytes contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes saved(const SmallAdamRun& run, const RunState& state) {
  static const test::TemporaryFolder folder;
  save_checkpoint(folder / "run", run.parameters, run.optimizer, state);
  return contents(folder / "run");
}

const Bytes& sound_checkpoint() {
  static const Bytes bytes = [] {
    SmallAdamRun run(1);
    run.take_steps(3);
    return saved(run, {.step = 3, .seed = 1, .position = 3, .notes = {{"task", "reverse"}}});
  }();
  return bytes;
}

template <class Number>
void put(Bytes& bytes, std::size_t at, Number number) {
  if (bytes.size() < sizeof number) return;
  std::memcpy(bytes.data() + at % (bytes.size() - sizeof number + 1), &number, sizeof number);
}

void edit(Choices& choices, Bytes& bytes) {
  static constexpr float numbers[] = {std::numeric_limits<float>::quiet_NaN(),
                                      std::numeric_limits<float>::infinity(),
                                      -1,
                                      -0.0f,
                                      0,
                                      1e38f,
                                      1e-45f};
  static constexpr const char* texts[] = {"F64", "F32",     "U64",  "null",        "\"",
                                          "{",   "}",       "mean", "mean_square", "parameters/",
                                          "[]",  "ctgrad.", "0",    "\x1b",        "C64"};
  const std::size_t at = 256 * std::size_t{choices.byte()} + choices.byte();
  const std::size_t position = bytes.empty() ? 0 : at % bytes.size();
  switch (choices.below(6)) {
    case 0:
      put(bytes, at, choices.byte());
      break;
    case 1:
      put(bytes, 4 * (at / 4), choices.of(numbers));
      break;
    case 2:
      put(bytes, at, choices.number());
      break;
    case 3: {
      const std::string text = choices.of(texts);
      for (std::size_t i = 0; i < text.size(); ++i) put(bytes, position + i, text[i]);
      break;
    }
    case 4:
      bytes.erase(
          bytes.begin() + static_cast<std::ptrdiff_t>(position),
          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), position + choices.below(9))));
      break;
    default:
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(position),
                   static_cast<std::byte>(choices.byte()));
  }
}

/// Makes the length before the header right again.
void set_header_length(Bytes& bytes, std::size_t size_before) {
  if (bytes.size() < 8) return;
  std::uint64_t length = 0;
  std::memcpy(&length, sound_checkpoint().data(), 8);
  put(bytes, 0, length + bytes.size() - size_before);
  if (bytes.size() == 8) put(bytes, 0, std::uint64_t{0});
}

void check_taken(SmallAdamRun& run, const RunState& state) {
  require(std::ranges::all_of(run.parameters.flat(), [](float x) { return std::isfinite(x); }),
          "parameters are finite");
  const auto buffers = run.optimizer.state();
  require(std::ranges::all_of(buffers[0].numbers, [](float x) { return std::isfinite(x); }),
          "means are finite");
  require(std::ranges::all_of(buffers[1].numbers, [](float x) { return x >= 0 && std::isfinite(x); }),
          "mean squares are at least 0");
  require(run.optimizer.learning_rate() >= 0, "the learning rate is at least 0");
  SmallAdamRun again(3);
  const RunState state_again =
      load_checkpoint(io::Safetensors(saved(run, state), "F"), again.parameters, again.optimizer);
  require(again.state() == run.state(), "a run is saved as it is");
  require(state_again.step == state.step && state_again.seed == state.seed &&
              state_again.position == state.position && state_again.notes == state.notes,
          "where a run was is saved as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SmallAdamRun untouched(2);
  Choices choices(data, size);
  const bool repaired = choices.below(4) != 0;
  Bytes bytes = sound_checkpoint();
  while (choices.any_left()) edit(choices, bytes);
  if (repaired) set_header_length(bytes, sound_checkpoint().size());
  SmallAdamRun run = untouched;
  RunState state;
  try {
    state = load_checkpoint(io::Safetensors(bytes, "F"), run.parameters, run.optimizer);
  } catch (const std::runtime_error& error) {
    fuzz::require_readable(error.what());
    require(run.state() == untouched.state(), "what is refused changes nothing");
    return 0;
  }
  check_taken(run, state);
  fuzz::count_taken();
  return 0;
}
