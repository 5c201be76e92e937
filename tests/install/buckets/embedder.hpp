#pragma once

// A program whose buckets are compiled in source files that CMake writes.
#include <ctgrad/buckets.hpp>

struct Table {
  BOOST_HANA_DEFINE_STRUCT(Table, (ctgrad::nn::Embedding<10, 4>, words));
};

struct Embed {
  constexpr auto operator()(const auto& model, const auto& text) const {
    return text.mean_of_tokens(model.words(text.ids));
  }
};

using Embedder =
    ctgrad::BucketedProgram<ctgrad::Lengths<4, 8>, ctgrad::Batches<2>, Embed{}, Table, ctgrad::Tokens>;

extern template struct ctgrad::Bucket<Embedder, 4, 2>;
extern template struct ctgrad::Bucket<Embedder, 8, 2>;
