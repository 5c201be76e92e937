#include "small_model.hpp"

#include "../../../examples/support/sentences/compiled_bert.hpp"
#include "../../../examples/support/sentences/pair_network.hpp"

namespace sentences {

namespace {

constexpr ctgrad::nn::BertShape shape{
    .vocabulary = 37, .length = 40, .width = 8, .heads = 2, .hidden = 12, .layers = 2, .pooler = false};
using Program = ctgrad::BucketedProgram<ctgrad::Lengths<8, 32>, ctgrad::Batches<1, 3>, EmbedTexts{},
                                        ctgrad::nn::Bert<shape>, ctgrad::Tokens>;

}  // namespace

template std::unique_ptr<PairClassifier> make_pair_classifier<8>();

CompiledModel compiled_small_model() { return compiled_bert<shape, Program>(); }

}  // namespace sentences
