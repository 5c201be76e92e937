// Trains a Transformer to add two numbers of up to two digits, as one writes them: "47+85" becomes "132". The
// encoder reads the digits, the decoder writes those of the sum, the first one first.
#include "support/additions.hpp"
#include "support/program.hpp"
#include "support/translation.hpp"

namespace cg = ctgrad;

namespace {

constexpr Alphabet sums{additions::source_characters}, answers{additions::target_characters};

constexpr cg::nn::TransformerShape shape{
    .source_vocabulary = sums.vocabulary(),
    .source_length = additions::longest_source,
    .target_vocabulary = answers.vocabulary(),
    .target_length = additions::longest_target + 1,
    .width = 64,
    .heads = 4,
    .hidden = 128,
    .encoder_layers = 2,
    .decoder_layers = 2,
    .options = {.dropout = cg::Rate{0.05}, .norm = cg::nn::NormPlacement::pre}};
using Model = cg::nn::Transformer<shape>;

/// The mean over all digits of the answers and their ends, but not over what is behind them.
constexpr auto loss = [](const auto& model, auto source, auto lengths, auto inputs, auto targets,
                         auto target_lengths, const cg::Key& key) {
  return cg::cross_entropy(model(source, lengths, inputs, key), targets,
                           cg::nn::token_weights<shape.target_length>(target_lengths));
};

constexpr cg::Size batch = 64;

}  // namespace

int main(int argc, char** argv) {
  return program::run("05_addition", [&] {
    TranslationOptions options{.steps = 5000, .report_every = 250, .learning_rate = 2e-3};
    CommandLine line("05_addition", "Trains a Transformer to add numbers from 0 to 99.");
    options.add_to(line, "--ask", "an addition to answer, such as \"47+85\"");
    if (!line.parse(argc, argv)) return line.exit_code();
    const TranslationTask task{.title = "Adding two numbers",
                               .what = "additions",
                               .source = sums,
                               .target = answers,
                               .draw = additions::example,
                               .normalized = additions::normalized,
                               .unseen = additions::unseen_count()};
    return TranslationRun<Model, loss, batch>(task, options).run();
  });
}
