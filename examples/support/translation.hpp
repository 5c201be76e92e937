#pragma once

#include "pair_batches.hpp"
#include "program.hpp"
#include "translation_report.hpp"

#include <ctgrad/io/parameters.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/schedule.hpp>
#include <ctgrad/train/stop_signal.hpp>

#include <cstdio>

/// Training an encoder-decoder to translate texts by the character, and showing what it learned: `Loss` is a
/// function of a model, sources [Batch, S], their lengths [Batch], inputs and targets [Batch, T], their
/// lengths [Batch] and a key.
template <class Model, auto Loss, ctgrad::Size Batch>
class TranslationRun {
 public:
  TranslationRun(const TranslationTask& task, const TranslationOptions& options)
      : task_(task), options_(options), seed_{options.seed}, translator_(task), parameters_(seed_) {}

  /// Trains or loads, shows, saves and reports. Gives the program's exit code: 1 if the bar was missed.
  int run() {
    const bool asked = !options_.text.empty();
    const std::string text = asked ? task_.normalized(options_.text) : "";
    if (asked) translator_.encode(text);  // better refused now than after the training
    options_.files.check();
    FinalWrite saved([this] {
      if (!options_.files.save.empty()) ctgrad::io::save_parameters(options_.files.save, parameters_);
    });
    if (options_.files.load.empty()) {
      train(saved);
    } else {
      ctgrad::io::load_parameters(options_.files.load, parameters_);
      saved.attempt();
    }
    const bool only_asked = asked && !options_.files.load.empty() && options_.files.report.empty();
    if (asked)
      std::printf("%s -> %s\n", text.c_str(), translator_.translate(parameters_, {&text, 1})[0].c_str());
    const int code = only_asked ? 0 : evaluate();
    saved.require();
    return code;
  }

 private:
  static constexpr ctgrad::nn::TransformerShape shape = Model::sizes;
  using Source = ctgrad::Index<Batch, shape.source_length>;
  using Target = ctgrad::Index<Batch, shape.target_length>;
  using Lengths = ctgrad::Index<Batch>;
  using Step = ctgrad::Program<ctgrad::value_and_grad(Loss), Model, Source, Lengths, Target, Target, Lengths,
                               ctgrad::Key>;

  /// Trains and saves; throws Stopped if a signal came meanwhile.
  void train(FinalWrite& saved) {
    const ctgrad::StopOnSignals stop;
    ctgrad::AdamW adam{parameters_, {.learning_rate = options_.learning_rate, .beta2 = 0.98}};
    const ctgrad::schedule::Cosine rate{
        {.peak = options_.learning_rate, .steps = options_.steps, .warmup = options_.steps / 20}};
    PairBatches batches(task_.draw, task_.source, task_.target,
                        {Batch, shape.source_length, shape.target_length}, seed_);
    std::printf("%s: %zu parameters, %zu kernel calls a step, %lld bytes of activations, seed %llu\n",
                task_.what, parameters_.count(), Step::kernel_calls(),
                static_cast<long long>(Step::arena_bytes()), static_cast<unsigned long long>(options_.seed));
    double sum = 0;  // of losses since the last report
    std::size_t count = 0;
    const ctgrad::LoopResult result = ctgrad::run_training(
        {.steps = options_.steps, .report_every = options_.report_every}, batches,
        [&](const PairBatch& pairs) {
          adam.set_learning_rate(rate(adam.steps() + 1));
          const auto step = step_(parameters_, pairs.source, pairs.lengths, pairs.inputs, pairs.targets,
                                  pairs.target_lengths, ctgrad::random_key(seed_, adam.steps()));
          adam.update(parameters_, step, ctgrad::MaxNorm{1});
          sum += static_cast<double>(step.value), ++count;
          return static_cast<double>(step.value);
        },
        [&](const ctgrad::LoopReport& report) {
          const double accuracy = show_progress(report.step, sum / static_cast<double>(count));
          sum = 0, count = 0;
          return accuracy;
        },
        ctgrad::NothingMore{}, stop);
    saved.attempt();
    saved.end_training(stop, options_.files.stopped(stop.name(), result.steps, options_.steps));
    steps_ = result.steps;
    seconds_ = result.seconds;
  }

  /// A line of the losses and of how much of what training never shows is right.
  double show_progress(std::size_t step, double loss) {
    const double accuracy = accuracy_of(translator_.translate_unseen(parameters_, seed_, 2 * Batch));
    history_.add(step, loss, accuracy);
    std::printf("step %5zu  loss %.9f  unseen %s right %6.2f %%\n", step, loss, task_.what, 100 * accuracy);
    program::flush_output();
    return accuracy;
  }

  int evaluate() {
    const std::vector<Translation> translations =
        translator_.translate_unseen(parameters_, seed_, task_.unseen);
    std::printf("\nUnseen %s:\n\n", task_.what);
    for (const auto& [pair, prediction] : std::span(translations).first(5))
      std::printf("  input       %s\n  prediction  %s\n  target      %s\n\n", pair.source.c_str(),
                  prediction.c_str(), pair.target.c_str());
    const double accuracy = accuracy_of(translations);
    const bool learned = accuracy >= task_.bar;
    std::printf("%s: %.2f %% of %zu unseen %s right (bar %.1f %%), %zu steps in %.1f s, seed %llu: %s\n",
                task_.what, 100 * accuracy, translations.size(), task_.what, 100 * task_.bar, steps_,
                seconds_, static_cast<unsigned long long>(options_.seed),
                learned ? "learned" : "NOT LEARNED");
    if (!options_.files.report.empty()) write_report(translations);
    return learned || options_.allow_unlearned ? 0 : 1;
  }

  void write_report(const std::vector<Translation>& translations) {
    namespace report = ctgrad::report;
    constexpr std::size_t samples = 12;
    report::Report page(task_.title);
    page.section("Model");
    report::add_summary(page, ctgrad::summary(step_));
    if (options_.files.load.empty()) {
      page.section("Training");
      report::add_history(page, history_);
    }
    page.section("What it translates");
    page.samples(translation::samples_of(translations, samples));
    page.section("Attention");
    const auto& longest = *std::ranges::max_element(std::span(translations).first(samples), {},
                                                    [](const auto& each) { return each.pair.source.size(); });
    translation::add_attention(page, task_, parameters_, longest);
    page.section("What is run in a training step");
    report::add_graphs(page, Step::Trace::traced(), Step::graph().thaw(),
                       ctgrad::input_names<Model, Source, Lengths, Target, Target, Lengths, ctgrad::Key>());
    page.write(options_.files.report);
  }

  TranslationTask task_;
  TranslationOptions options_;
  ctgrad::Seed seed_;
  Translator<Model, Batch> translator_;
  ctgrad::Parameters<Model> parameters_;
  Step step_;
  ctgrad::report::History history_;
  std::size_t steps_ = 0;
  double seconds_ = 0;
};
