#pragma once

#include <buckets/sentences.hpp>

/// A program each bucket of which is compiled in a source file of its own.
namespace ctgrad::test {

using Embedder = BucketedProgram<Lengths<4, 12>, Batches<1, 3>, Embed{}, SentenceModel, Tokens>;
using Trainer = BucketedProgram<Lengths<12>, Batches<3>, value_and_grad(ClassLoss{}), SentenceModel, Tokens,
                                Each<Index<>>>;

}  // namespace ctgrad::test

extern template struct ctgrad::Bucket<ctgrad::test::Embedder, 4, 1>;
extern template struct ctgrad::Bucket<ctgrad::test::Embedder, 4, 3>;
extern template struct ctgrad::Bucket<ctgrad::test::Embedder, 12, 1>;
extern template struct ctgrad::Bucket<ctgrad::test::Embedder, 12, 3>;
extern template struct ctgrad::Bucket<ctgrad::test::Trainer, 12, 3>;
