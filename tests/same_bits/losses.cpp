// Prints the losses of trainings, every bit of them: the toy encoder's, in float and in mixed precision,
// those of one over a long sequence, and those of the encoder whose values other implementations gave
// (tests/reference/). run.sh compares what several compilers and processors make of it.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/io.hpp>
#include <ctgrad/train.hpp>
#include <ctgrad/train/toy.hpp>

#include <support/keras_names.hpp>

#include "../../bench/support/encoder.hpp"

#include <charconv>
#include <cstdio>
#include <string_view>

namespace {

using namespace ctgrad;

/// Steps of Adam over batches that next() gives.
template <class Program, class Parameters, class Next>
void train(const char* name, int steps, Parameters& parameters, const Next& next) {
  Program program;
  Adam<float> adam{parameters, {.learning_rate = 1e-3}};
  for (int step = 1; step <= steps; ++step) {
    const auto& [ids, targets] = next();
    const auto result = program(parameters, ids, targets);
    adam.update(parameters, result.gradients);
    std::printf("%s %d %a\n", name, step, static_cast<double>(static_cast<float>(result.value)));
  }
}

template <bench::Shape s, class Program>
void train_toy(const char* name, int steps) {
  toy::Sequences sequences{toy::Task::reverse,
                           {static_cast<std::int32_t>(s.vocabulary), static_cast<std::size_t>(s.length),
                            static_cast<std::size_t>(s.batch)},
                           Seed{1}};
  Parameters<bench::Model<s>> parameters{Seed{1}};
  train<Program>(name, steps, parameters, [&]() -> decltype(auto) { return sequences.next(); });
}

/// A sequence of more keys than a block of attention holds.
constexpr bench::Shape long_sequence{
    .layers = 1, .width = 16, .heads = 2, .hidden = 16, .vocabulary = 16, .length = 300, .batch = 1};

/// The model of tests/reference/adam.safetensors.
constexpr bench::Shape reference{
    .layers = 2, .width = 16, .heads = 2, .hidden = 32, .vocabulary = 16, .length = 8, .batch = 4};

void train_reference(int steps) {
  using Model = bench::Model<reference>;
  using FewIds = bench::Ids<reference>;
  const io::Safetensors file = io::read_safetensors(CTGRAD_REFERENCE_DIR "/adam.safetensors");
  const std::pair batch{file.read<std::int32_t>("ids"), file.read<std::int32_t>("targets")};
  Parameters<Model> parameters{Seed{1}};
  test::load_keras(parameters, file, "before/");
  train<Program<bench::step, Model, FewIds, FewIds>>("reference", steps, parameters,
                                                     [&]() -> decltype(auto) { return (batch); });
}

}  // namespace

int main(int argc, char** argv) {
  int steps = 100;
  if (argc > 1) {
    const std::string_view number = argv[1];
    if (std::from_chars(number.data(), number.data() + number.size(), steps).ec != std::errc{}) return 2;
  }
  using bench::toy;
  train_toy<toy, Program<bench::step, bench::Model<toy>, bench::Ids<toy>, bench::Ids<toy>>>("toy", steps);
  train_toy<toy, MixedProgram<bench::step, bench::Model<toy>, bench::Ids<toy>, bench::Ids<toy>>>("toy-mixed",
                                                                                                 steps);
  using LongIds = bench::Ids<long_sequence>;
  train_toy<long_sequence, Program<bench::step, bench::Model<long_sequence>, LongIds, LongIds>>("long",
                                                                                                steps);
  train_reference(steps);
}
