#pragma once

#include <ctgrad/io.hpp>

#include "embed_texts.hpp"
#include "embedder.hpp"

#include <sstream>

namespace sentences {

/// A BERT of these sizes and its program, a BucketedProgram<..., EmbedTexts{}, nn::Bert<Shape>, Tokens>.
template <ctgrad::nn::BertShape Shape, class Program>
class CompiledBert final : public Embedder {
 public:
  using Model = ctgrad::nn::Bert<Shape>;

  explicit CompiledBert(const std::filesystem::path& weights)
      : weights_(weights, ctgrad::io::hugging_face::bert() + ctgrad::io::hugging_face::without_pooler()),
        program_(ctgrad::Team()) {}

  Embeddings embed(std::span<const Tokens> texts) override {
    const auto vectors = program_(weights_, texts);
    return {static_cast<std::size_t>(Shape.width), {vectors.begin(), vectors.end()}};
  }

  std::string summary() const override {
    std::ostringstream text;
    text << ctgrad::summary(program_);
    return text.str();
  }

 private:
  ctgrad::io::MappedParameters<Model> weights_;
  Program program_;
};

template <ctgrad::nn::BertShape Shape>
constexpr ModelSizes sizes_of() {
  const auto number = [](auto size) { return static_cast<std::size_t>(size); };
  return {number(Shape.vocabulary),
          number(Shape.length),
          number(Shape.token_types),
          number(Shape.width),
          number(Shape.heads),
          number(Shape.hidden),
          Shape.layers,
          Shape.epsilon.value};
}

/// What is compiled for a BERT of these sizes without a pooler, and for texts of the program's lengths; its
/// make_pair_classifier is compiled elsewhere.
template <ctgrad::nn::BertShape Shape, class Program>
CompiledModel compiled_bert() {
  return {.sizes = sizes_of<Shape>(),
          .width = static_cast<std::size_t>(Shape.width),
          .most_tokens = static_cast<std::size_t>(Program::AllLengths::largest),
          .open = [](const std::filesystem::path& weights) -> std::unique_ptr<Embedder> {
            return std::make_unique<CompiledBert<Shape, Program>>(weights);
          },
          .make_classifier = &make_pair_classifier<std::size_t{Shape.width}>};
}

}  // namespace sentences
