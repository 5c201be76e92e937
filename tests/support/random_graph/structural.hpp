#pragma once

#include <support/random_graph/elementwise.hpp>
#include <support/random_graph/ids.hpp>
#include <support/random_graph/layouts.hpp>
#include <support/random_graph/products.hpp>

/// Rules that apply reductions, layouts, matrix products, operations on rows and operations on ids.
namespace ctgrad::test {

inline constexpr Rule structural_rules[] = {
    rules::summed,
    rules::largest,
    rules::broadcasted,
    rules::reshaped,
    rules::permuted,
    rules::sliced,
    rules::padded,
    rules::concatenated,
    rules::multiplied,
    rules::of_rows<ops::Softmax>,
    rules::of_rows<ops::LogSoftmax>,
    rules::of_rows<ops::LogSumExp>,
    rules::normalized<ops::Normalize>,
    rules::normalized<ops::InverseDeviation>,
    rules::of_long_rows<ops::Norm>,
    rules::of_long_rows<ops::Unit>,
    rules::attended,
    rules::gathered,
    rules::scattered,
    rules::picked,
    rules::placed,
    rules::cross_entropies,
    rules::linear_cross_entropies,
    rules::offset,
    rules::replaced,
    rules::kept,
    rules::dropped,
};

}  // namespace ctgrad::test
