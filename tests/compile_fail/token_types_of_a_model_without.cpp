// expect: EncoderModel: token types are given, but the model has none
// expect: token_types<0>::are_told_apart
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr cg::Size types = 2;
#else
constexpr cg::Size types = 0;
#endif
using Model = cg::nn::Bert<cg::nn::BertShape{
    .vocabulary = 20, .length = 8, .width = 8, .heads = 2, .hidden = 8, .layers = 1, .token_types = types}>;

constexpr auto encode = [](const auto& model, auto ids, auto token_types) { return model(ids, token_types); };

cg::Program<encode, Model, cg::Index<2, 5>, cg::Index<2, 5>> program;
