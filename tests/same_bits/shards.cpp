// Trains three models in shards, by as many threads as are asked for and as many ranks as MPI began, and
// prints the losses and the parameters at the end, every bit of them. shards.sh compares what several numbers
// of threads and ranks make of it.
#include <ctgrad/mpi/ranks.hpp>
#include <ctgrad/train.hpp>

#include "../../bench/support/encoder.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace ctgrad;

struct Job {
  const char* name;
  std::size_t steps;
  Team team;
  Ranks ranks;
};

/// Steps of an optimiser, each by what `step(number)` gives; prints its losses and a hash of the parameters.
template <class Parameters, class Optimizer, class Step>
void train(const Job& job, Parameters& parameters, Optimizer& optimizer, MaxNorm max_norm, const Step& step) {
  optimizer.set_team(job.team);
  optimizer.set_ranks(job.ranks);
  for (std::size_t number = 0; number < job.steps; ++number) {
    const auto result = step(number);
    optimizer.update(parameters, result, max_norm);
    if (job.ranks.is_first())
      std::printf("%s %zu %a\n", job.name, number + 1, static_cast<double>(static_cast<float>(result.value)));
  }
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte byte : std::as_bytes(parameters.flat()))
    hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  job.ranks.require_same("the parameters", std::to_string(hash));
  if (job.ranks.is_first())
    std::printf("%s parameters %016llx\n", job.name, static_cast<unsigned long long>(hash));
}

/// Numbers below `end` in an array of those extents, of a step.
template <class... Extents>
auto numbers(std::size_t step, std::uint64_t which, std::uint32_t end, Extents... extents) {
  auto x = xt::xtensor<std::int32_t, sizeof...(Extents)>::from_shape({static_cast<std::size_t>(extents)...});
  Random random{Seed{1}, 16 * step + which};
  for (auto& number : x) number = static_cast<std::int32_t>(random.below(end));
  return x;
}

void train_encoder(Job job) {
  job.name = "encoder";
  constexpr bench::Shape s = bench::toy;
  using Step = ShardedProgram<8, bench::step, bench::Model<s>, bench::Ids<s>, bench::Ids<s>>;
  toy::Sequences sequences{toy::Task::reverse,
                           {static_cast<std::int32_t>(s.vocabulary), static_cast<std::size_t>(s.length),
                            static_cast<std::size_t>(s.batch)},
                           Seed{1}};
  Parameters<bench::Model<s>> parameters{Seed{1}};
  Adam<float> adam{parameters, {.learning_rate = 1e-3}};
  Step step{job.team, job.ranks, RankGradients::sliced};
  train(job, parameters, adam, {}, [&](std::size_t) {
    const auto& [ids, targets] = sequences.next();
    return step(parameters, ids, targets);
  });
}

void train_language_model(Job job) {
  job.name = "language model";
  constexpr Size batch = 12, length = 16;
  constexpr nn::SequenceModelShape shape{.vocabulary = 40,
                                         .length = length,
                                         .width = 32,
                                         .heads = 4,
                                         .hidden = 64,
                                         .layers = 2,
                                         .options = {.dropout = Rate{0.1}}};
  using Model = nn::LanguageModel<shape>;
  using Ids = Index<batch, length>;
  constexpr auto loss = [](const auto& model, auto ids, auto targets, auto key) {
    return cross_entropy(model(ids, key), targets);
  };
  using Step = ShardedProgram<6, value_and_grad(loss), Model, Ids, Ids, Key>;
  Parameters<Model> parameters{Seed{2}};
  AdamW adam{parameters, {.learning_rate = 2e-3, .weight_decay = 0.1}};
  Step step{job.team, job.ranks, RankGradients::sliced};
  train(job, parameters, adam, MaxNorm{1}, [&](std::size_t number) {
    const auto ids = numbers(number, 0, 40, batch, length);
    return step(parameters, ids, numbers(number, 1, 40, batch, length), random_key(Seed{3}, number));
  });
}

void train_transformer(Job job) {
  job.name = "transformer";
  constexpr Size batch = 16, source_length = 9, target_length = 6;
  constexpr nn::TransformerShape shape{.source_vocabulary = 20,
                                       .source_length = source_length,
                                       .target_vocabulary = 15,
                                       .target_length = target_length,
                                       .width = 32,
                                       .heads = 2,
                                       .hidden = 48,
                                       .encoder_layers = 1,
                                       .decoder_layers = 2,
                                       .options = {.dropout = Rate{0.05}, .norm = nn::NormPlacement::pre}};
  using Model = nn::Transformer<shape>;
  constexpr auto loss = [](const auto& model, auto source, auto lengths, auto inputs, auto targets,
                           auto target_lengths, const auto& key) {
    return cross_entropy(model(source, lengths, inputs, key), targets,
                         nn::token_weights<target_length>(target_lengths));
  };
  using Step = ShardedProgram<8, value_and_grad(loss), Model, Index<batch, source_length>, Index<batch>,
                              Index<batch, target_length>, Index<batch, target_length>, Index<batch>, Key>;
  Parameters<Model> parameters{Seed{3}};
  Adam adam{parameters, {.learning_rate = 2e-3}};
  Step step{job.team, job.ranks, RankGradients::sliced};
  train(job, parameters, adam, MaxNorm{0.5}, [&](std::size_t number) {
    xt::xtensor<std::int32_t, 1> lengths = numbers(number, 0, source_length, batch) + 1;
    xt::xtensor<std::int32_t, 1> target_lengths = numbers(number, 1, target_length, batch) + 1;
    return step(parameters, numbers(number, 2, 20, batch, source_length), lengths,
                numbers(number, 3, 15, batch, target_length), numbers(number, 4, 15, batch, target_length),
                target_lengths, random_key(Seed{4}, number));
  });
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{} || number == 0) {
    std::fprintf(stderr, "usage: shards THREADS STEPS\n");
    std::exit(2);
  }
  return number;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t threads = number_of(argc > 1 ? argv[1] : ""), steps = number_of(argc > 2 ? argv[2] : "");
  const Ranks ranks = mpi_ranks();
  const Job job{"", steps, Team{threads}, ranks};
  train_encoder(job);
  train_language_model(job);
  train_transformer(job);
}
