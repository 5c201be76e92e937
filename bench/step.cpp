// Times a training step (forward, backward, Adam) on one core: the median of many runs after a warm-up.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/toy.hpp>

#include "../examples/support/command_line.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace cg = ctgrad;

namespace {

/// One encoder: tokens in, logits over the vocabulary out.
struct Shape {
  std::size_t layers;
  cg::Size width, heads, hidden, vocabulary, length, batch;
};

template <Shape S>
struct Model {
  using Tokens = cg::nn::Embedding<S.vocabulary, S.width>;
  using Positions = cg::nn::PositionEmbedding<S.length, S.width>;
  using Encoder = cg::nn::Encoder<S.layers, S.width, S.heads, S.hidden>;
  using Head = cg::nn::Linear<S.width, S.vocabulary>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Tokens, tokens), (Positions, positions), (Encoder, encoder), (Head, head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cg::cross_entropy(model(ids), targets);
};

/// A configuration, what the step should take (0: no bar yet) and what good kernels reach on the reference
/// machine.
struct Configuration {
  const char* name;
  double bar_milliseconds;
  double target_milliseconds;
};

/// The median of the seconds that a step takes.
template <Shape S>
double median_step(std::size_t runs) {
  using Ids = cg::Index<S.batch, S.length>;
  cg::Parameters<Model<S>> parameters{cg::Seed{1}};
  cg::Program<cg::value_and_grad(loss), Model<S>, Ids, Ids> step;
  cg::Adam adam{parameters, {.learning_rate = 1e-3}};
  cg::toy::Sequences sequences{cg::toy::Task::reverse,
                               {.kinds = static_cast<std::int32_t>(S.vocabulary),
                                .length = static_cast<std::size_t>(S.length),
                                .batch = static_cast<std::size_t>(S.batch)},
                               cg::Seed{1}};
  std::vector<double> seconds;
  for (std::size_t run = 0; run < runs + runs / 5 + 1; ++run) {
    const auto& [ids, targets] = sequences.next();
    const auto begin = std::chrono::steady_clock::now();
    adam.update(parameters, step(parameters, ids, targets).gradients);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  seconds.erase(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(runs / 5 + 1));
  std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(runs / 2), seconds.end());
  return seconds[runs / 2];
}

/// Times and prints one configuration; says whether its bar was met.
template <Shape S>
bool measure(const Configuration& configuration, const std::string& only, std::size_t runs,
             std::string& summary) {
  if (!only.empty() && only != configuration.name) return true;
  const double milliseconds = 1e3 * median_step<S>(runs);
  const bool met = configuration.bar_milliseconds == 0 || milliseconds <= configuration.bar_milliseconds;
  char line[160];
  std::snprintf(line, sizeof line, "%-8s %9.3f ms a step, %6.0f steps/s, %5.2f times the target of %g ms",
                configuration.name, milliseconds, 1e3 / milliseconds,
                milliseconds / configuration.target_milliseconds, configuration.target_milliseconds);
  std::printf("%s\n", line);
  std::fflush(stdout);
  std::snprintf(line, sizeof line, "%s%s %.3f ms", summary.empty() ? "" : ", ", configuration.name,
                milliseconds);
  summary += line;
  if (configuration.bar_milliseconds > 0) {
    std::snprintf(line, sizeof line, " (bar %g ms)", configuration.bar_milliseconds);
    summary += line;
  }
  return met;
}

}  // namespace

int main(int argc, char** argv) {
  std::string only;
  std::size_t runs = 200;
  CommandLine line("bench_step", "Times training steps on one core.");
  line.add("--only", only, "one configuration: toy, toy-1, seed or small")
      .add_count("--runs", runs, "timed runs");
  if (!line.parse(argc, argv)) return line.exit_code();

  std::string summary;
  bool met = measure<Shape{2, 32, 2, 64, 16, 16, 32}>({"toy", 3, .80}, only, runs, summary);
  met = measure<Shape{2, 32, 2, 64, 16, 16, 1}>({"toy-1", 0, .032}, only, 10 * runs, summary) && met;
  met = measure<Shape{2, 32, 2, 32, 10000, 100, 1}>({"seed", 0, 2.9}, only, runs / 4 + 1, summary) && met;
  met = measure<Shape{4, 128, 4, 512, 256, 128, 16}>({"small", 0, 132}, only, runs / 20 + 1, summary) && met;
  if (summary.empty()) {
    std::printf("bench: no configuration is called '%s'\n", only.c_str());
    return 2;
  }
  std::printf("bench: one core: %s: %s\n", summary.c_str(), met ? "ok" : "MISSED");
  return met ? 0 : 1;
}
