#pragma once

#include <ctgrad/generate/stepwise.hpp>

namespace ctgrad::generate {

/// A model of the next token, such as nn::LanguageModel, that goes on with texts token by token: every token,
/// of a prompt or new, costs one step. Width continuations of every text are written side by side.
///
///     generate::DecoderOnly<Model, 4> decoder;
///     decoder.start(parameters);
///     const auto texts = generate::sample(decoder, prompts, {.temperature = 0.8, .top_k = 20}, Seed{1});
///
/// The model gives `step` and `Cache<Batch>` as nn::LanguageModel does. The parameters, Parameters or
/// io::MappedParameters, are read, where they are, by every step until the next start.
template <TakesTokenByToken Model, Size Batch, Size Width = 1, class S = float>
class DecoderOnly : public Stepwise<Model, Batch, Width, S> {
  using Base = Stepwise<Model, Batch, Width, S>;

 public:
  /// Forgets all tokens, and takes the parameters for the steps to come.
  template <class P>
  void start(const P& parameters) {
    this->begin(parameters, Base::batch);
  }

  /// Forgets all tokens, takes the parameters for the steps to come, then the prompts, one a row: see
  /// prefill. Returns the logits [rows, vocabulary] of what follows.
  template <class P>
  auto start(const P& parameters, const Sequences& prompts) {
    start(parameters);
    return prefill(*this, prompts);
  }

  /// The parameters would be gone before the first step.
  template <class... Prompts>
  void start(const Parameters<Model, S>&&, const Prompts&...) = delete;
  template <runtime::ScatteredTree P, class... Prompts>
  void start(const P&&, const Prompts&...) = delete;

  /// Takes one more token of every row, or `stay`, and gives the logits [rows, vocabulary] of what follows, a
  /// program's result. Allocates nothing, unless earlier logits are held. Throws std::invalid_argument for
  /// another number of ids and std::out_of_range for one that is none and for a sequence that has no position
  /// left, and has then changed nothing.
  auto next(std::span<const std::int32_t> ids) { return this->advance(ids); }
};

}  // namespace ctgrad::generate
