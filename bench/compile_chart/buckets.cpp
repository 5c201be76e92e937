// What compile_buckets.sh compiles: an encoder of sentences (6 layers of width 384) for five lengths. With
// BUCKET its bucket of that length, with USER what uses buckets that are elsewhere, with neither all in one
// file.
#include <ctgrad/buckets.hpp>

namespace cg = ctgrad;

namespace compile_chart {

struct Model {
  static constexpr cg::nn::TransformerOptions options{.activation = cg::nn::Activation::gelu};
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::nn::Embedding<30522, 384>,                 tokens),
    (cg::nn::PositionEmbedding<256, 384>,           positions),
    (cg::nn::LayerNorm<384>,                        norm),
    (cg::nn::Encoder<6, 384, 12, 1536, options>,    encoder));

  constexpr auto operator()(const auto& text) const {
    return text.mean_of_tokens(encoder(norm(positions(tokens(text.ids))), text.mask()));
  }
};

struct Embed {
  constexpr auto operator()(const auto& model, const auto& text) const { return model(text); }
};

using Embedder =
    cg::BucketedProgram<cg::Lengths<16, 32, 64, 128, 256>, cg::Batches<8>, Embed{}, Model, cg::Tokens>;
using Sentences = std::vector<std::vector<std::int32_t>>;

float embed(const cg::Parameters<Model>& parameters, const Sentences& sentences);

}  // namespace compile_chart

#if defined(USER) || defined(BUCKET)
extern template struct ctgrad::Bucket<compile_chart::Embedder, 16, 8>;
extern template struct ctgrad::Bucket<compile_chart::Embedder, 32, 8>;
extern template struct ctgrad::Bucket<compile_chart::Embedder, 64, 8>;
extern template struct ctgrad::Bucket<compile_chart::Embedder, 128, 8>;
extern template struct ctgrad::Bucket<compile_chart::Embedder, 256, 8>;
#endif

#ifdef BUCKET
template struct ctgrad::Bucket<compile_chart::Embedder, BUCKET, 8>;
#else
float compile_chart::embed(const cg::Parameters<Model>& parameters, const Sentences& sentences) {
  static Embedder embedder;
  return embedder(parameters, sentences)(0, 0);
}
#endif
