// Trains a Transformer to translate dates, written in many ways, into the one of ISO 8601: an encoder reads
// characters, a decoder writes others.
#include "support/dates.hpp"
#include "support/program.hpp"
#include "support/translation.hpp"

namespace cg = ctgrad;

namespace {

constexpr Alphabet written{dates::source_characters}, iso{dates::target_characters};

constexpr cg::nn::TransformerShape shape{
    .source_vocabulary = written.vocabulary(),
    .source_length = 24,
    .target_vocabulary = iso.vocabulary(),
    .target_length = dates::target_length + 1,
    .width = 64,
    .heads = 4,
    .hidden = 128,
    .encoder_layers = 2,
    .decoder_layers = 2,
    .options = {.dropout = cg::Rate{0.1}, .norm = cg::nn::NormPlacement::pre}};
using Model = cg::nn::Transformer<shape>;

/// The mean over all characters of the targets and their ends, but not over what is behind them.
constexpr auto loss = [](const auto& model, auto source, auto lengths, auto inputs, auto targets,
                         auto target_lengths, const cg::Key& key) {
  return cg::cross_entropy(model(source, lengths, inputs, key), targets,
                           cg::nn::token_weights<shape.target_length>(target_lengths));
};

constexpr cg::Size batch = 64;

const TranslationTask task{.title = "Translating dates",
                           .what = "dates",
                           .source = written,
                           .target = iso,
                           .draw = dates::example,
                           .normalized = dates::normalized,
                           .unseen = 1000};

}  // namespace

int main(int argc, char** argv) {
  return program::run("04_translate_dates", [&] {
    TranslationOptions options{.steps = 1500, .learning_rate = 3e-3};
    CommandLine line("04_translate_dates",
                     R"(Trains a Transformer to translate dates such as "march 3, 2021" and "3.3.21".)");
    options.add_to(line, "--translate",
                   "a date to translate, written in one of the styles of support/dates.hpp");
    if (!line.parse(argc, argv)) return line.exit_code();
    return TranslationRun<Model, loss, batch>(task, options).run();
  });
}
