// expect: EncoderModel: behind ids .batch, T. stand their types .batch, T., a mask and a key
// expect: is_a_mask_or_a_key
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

using Model = cg::nn::Bert<cg::nn::BertShape{
    .vocabulary = 20, .length = 8, .width = 8, .heads = 2, .hidden = 8, .layers = 1}>;

constexpr auto encode = [](const auto& model, auto ids, auto lengths) {
#ifdef CTGRAD_CONTROL
  return model(ids, cg::nn::padding_mask<5>(lengths));
#else
  return model(ids, lengths);
#endif
};

cg::Program<encode, Model, cg::Index<2, 5>, cg::Index<2>> program;
