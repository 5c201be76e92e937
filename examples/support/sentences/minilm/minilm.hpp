#pragma once

#include "../embed_texts.hpp"

/// all-MiniLM-L6-v2: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
namespace sentences {

inline constexpr ctgrad::nn::BertShape minilm_shape{
    .width = 384, .hidden = 1536, .layers = 6, .pooler = false};

/// A text is computed in the bucket of the next length; eight at a time where there are as many.
using MiniLmProgram = ctgrad::BucketedProgram<ctgrad::Lengths<16, 32, 64, 128, 256>, ctgrad::Batches<1, 8>,
                                              EmbedTexts{}, ctgrad::nn::Bert<minilm_shape>, ctgrad::Tokens>;

}  // namespace sentences

// Each is compiled in a source file of its own, which CMake writes: ctgrad_add_buckets in
// cmake/Examples.cmake.
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 16, 1>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 16, 8>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 32, 1>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 32, 8>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 64, 1>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 64, 8>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 128, 1>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 128, 8>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 256, 1>;
extern template struct ctgrad::Bucket<sentences::MiniLmProgram, 256, 8>;
