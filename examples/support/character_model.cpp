#include "character_model.hpp"

#include <ctgrad/base/byte_hash.hpp>
#include <ctgrad/io/quoted.hpp>

#include <cstdio>

namespace character_model {

namespace {

/// What `make` gives; what is wrong with the text that it reads is said of `name`.
template <class Make>
auto named(const std::string& name, Make make) {
  try {
    return make();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(name + ": " + error.what());
  }
}

}  // namespace

void Options::add_to(CommandLine& line) {
  line.add("--text", text, "a file of UTF-8, of at most 64 MiB")
      .add_count("--steps", steps, "training steps of 8 windows of 64 characters")
      .add_count("--report-every", report_every, "steps between two lines of losses")
      .add("--seed", seed, "what parameters, windows, dropout and samples follow from")
      .add("--learning-rate", learning_rate, "AdamW's, after the warm-up", numbers::floats)
      .add("--prompt", prompt, "what samples begin with, in place of the first held-out characters")
      .add("--temperature", temperature, "logits are divided by it; 0 takes the likeliest character")
      .add_count("--top-k", top_k, "samples take one of so many likeliest characters; 0 is all", 0,
                 vocabulary)
      .add_count("--length", length, "characters that samples go on for", 1, 1000000)
      .add_flag("--allow-unlearned", allow_unlearned, "succeed whatever was learned");
  files.add_to(line);
}

Corpus read_corpus(const Options& options, const ctgrad::Ranks& ranks) {
  const std::string name = ctgrad::io::shown(options.text);
  std::string text;
  ranks.together([&] {
    if (options.text == Options{}.text && !std::filesystem::exists(options.text))
      throw std::runtime_error(name + " is not there; Debian's package base-files brings it");
    text = named(name, [&] { return read_text(options.text); });
  });
  ranks.require_same(name + ", by a hash of its text", std::to_string(ctgrad::hash_of(text)));
  Corpus corpus = named(name, [&] { return Corpus(text, vocabulary); });
  std::printf("%s: %zu characters, %d kinds of them: %zu to learn from, %zu for validation, %zu held out\n",
              name.c_str(), corpus.ids().size(), corpus.vocabulary().size(),
              count(corpus.stretches({Part::fitting})), count(corpus.stretches({Part::validation})),
              count(corpus.stretches({Part::held_out})));
  return corpus;
}

std::span<const std::int32_t> unseen_text(const Corpus& corpus, std::size_t count) {
  return corpus.ids().subspan(corpus.stretches({Part::held_out}).front().begin, count);
}

std::vector<std::int32_t> prompt_of(const Options& options, const Corpus& corpus, std::size_t count) {
  if (!options.prompt.empty())
    return named("--prompt", [&] { return corpus.vocabulary().encode(options.prompt); });
  const auto unseen = unseen_text(corpus, count);
  return {unseen.begin(), unseen.end()};
}

}  // namespace character_model
