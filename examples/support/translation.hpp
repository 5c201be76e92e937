#pragma once

#include "program.hpp"
#include "translation_report.hpp"

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/stop_signal.hpp>

#include <cstdio>

/// What surrounds the training of a model that translates: its files, the lines that a person reads, the
/// verdict and the report. `translate(texts)` gives the model's translations of up to task.batch texts.
template <class Model, class Step, class Translate>
class TranslationRun {
 public:
  /// All but the last are to outlive this object. Throws, before anything is trained, as the task's
  /// `normalized` and Alphabet::encode do for the text to translate and ModelFileOptions::check for the
  /// files.
  TranslationRun(const TranslationTask& task, const TranslationOptions& options,
                 ctgrad::Parameters<Model>& parameters, const Step& step, Translate translate)
      : task_(task),
        options_(options),
        parameters_(parameters),
        step_(step),
        translate_(translate),
        saved_([this] {
          if (!options_.files.save.empty()) ctgrad::io::save_parameters(options_.files.save, parameters_);
        }) {
    if (asked()) {
      text_ = task_.normalized(options_.text);
      task_.source.encode(text_, Model::sizes.source_length);
    }
    options_.files.check();
  }

  /// Says what is going to be trained.
  void introduce() const {
    std::printf("%s: %zu parameters, %zu kernel calls a step, %lld bytes of activations, seed %llu\n",
                task_.what, parameters_.count(), Step::kernel_calls(),
                static_cast<long long>(Step::arena_bytes()), static_cast<unsigned long long>(options_.seed));
  }

  /// Prints the loss and how much of what training never shows is translated right; gives that share.
  double report(std::size_t step, double loss) {
    const double accuracy = accuracy_of(translate_unseen(2 * task_.batch));
    history_.add(step, loss, accuracy);
    std::printf("step %5zu  loss %.9f  unseen %s right %6.2f %%\n", step, ctgrad::text::unsigned_nan(loss),
                task_.what, 100 * accuracy);
    program::flush_output();
    return accuracy;
  }

  /// Saves the model behind its training; throws Stopped if a signal came meanwhile.
  void end_training(const ctgrad::LoopResult& result, const ctgrad::StopOnSignals& stop) {
    saved_.attempt();
    saved_.end_training(stop, options_.files.stopped(stop.name(), result.steps, options_.steps));
    steps_ = result.steps;
    seconds_ = result.seconds;
  }

  /// Reads the model from the file that --load names.
  void load() {
    ctgrad::io::load_parameters(options_.files.load, parameters_);
    saved_.attempt();
  }

  /// Prints what was asked for and how much is right, and reports. Gives the program's exit code: 1 if the
  /// bar was missed.
  int conclude() {
    const bool only_asked = asked() && !options_.files.load.empty() && options_.files.report.empty();
    if (asked()) std::printf("%s -> %s\n", text_.c_str(), translate_({&text_, 1})[0].c_str());
    const int code = only_asked ? 0 : evaluate();
    saved_.require();
    return code;
  }

 private:
  bool asked() const { return !options_.text.empty(); }

  /// The first `count` examples that training never shows, translated.
  std::vector<Translation> translate_unseen(std::size_t count) {
    std::vector<Translation> translations(count);
    std::vector<std::string> texts;
    for (std::size_t n = 0; n < count; ++n) {
      translations[n].pair = task_.draw(ctgrad::Seed{options_.seed}, Split::unseen, n);
      texts.push_back(translations[n].pair.source);
    }
    for (std::size_t begin = 0; begin < count; begin += task_.batch) {
      const auto translated =
          translate_(std::span(texts).subspan(begin, std::min(task_.batch, count - begin)));
      for (std::size_t i = 0; i < translated.size(); ++i) translations[begin + i].prediction = translated[i];
    }
    return translations;
  }

  int evaluate() {
    const std::vector<Translation> translations = translate_unseen(task_.unseen);
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
    report::add_summary(page, ctgrad::summary(typename Step::Part{}));
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
    page.section("What is run in a training step, for each of " + std::to_string(Step::shards()) + " shards");
    report::add_graphs(page, Step::Part::Trace::traced(), Step::graph().thaw(),
                       translation::inputs_of(typename Step::Part{}));
    page.write(options_.files.report);
  }

  const TranslationTask& task_;
  const TranslationOptions& options_;
  ctgrad::Parameters<Model>& parameters_;
  const Step& step_;
  Translate translate_;
  FinalWrite saved_;
  std::string text_;  ///< what is to be translated, as examples are written; empty if nothing was asked
  ctgrad::report::History history_;
  std::size_t steps_ = 0;
  double seconds_ = 0;
};
