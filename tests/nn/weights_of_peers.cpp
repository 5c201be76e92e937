#include <ctgrad/io/pytorch_names.hpp>
#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;

constexpr double bar = 1e-10, float_bar = 2e-5;
constexpr Size batch = 2, width = 6, heads = 2, hidden = 10;
constexpr nn::TransformerOptions pytorch_options{.epsilon = {1e-5}};

struct EncoderAndDecoder {
  BOOST_HANA_DEFINE_STRUCT(EncoderAndDecoder,
    (nn::Encoder<2, width, heads, hidden, pytorch_options>, encoder),
    (nn::Decoder<2, width, heads, hidden, pytorch_options>, decoder));
};

constexpr auto encode_and_decode = [](const auto& model, auto source, auto target) {
  const auto encoded = model.encoder(source);
  return std::tuple{encoded, model.decoder(target, encoded)};
};

struct ModelAndAttention {
  BOOST_HANA_DEFINE_STRUCT(ModelAndAttention,
    (test::ReferenceModel<7, 5, width, hidden>, model),
    (nn::MultiHeadAttention<width, heads>,      attention));
};

constexpr auto apply_both = [](const auto& both, auto ids, auto x) {
  return std::tuple{both.model(ids), both.attention(x)};
};

}  // namespace

TEST_CASE("an encoder and a decoder with PyTorch's weights give PyTorch's activations") {
  const io::Safetensors file = test::reference("pytorch_layers.safetensors");
  Parameters<EncoderAndDecoder, double> parameters{Seed{1}};
  io::load_parameters(file, parameters,
                      io::pytorch::encoder().under("encoder.", "encoder.") +
                          io::pytorch::decoder().under("decoder.", "decoder."),
                      {.ignore_unexpected = true});
  DoubleProgram<encode_and_decode, EncoderAndDecoder, Tensor<batch, 5, width>, Tensor<batch, 4, width>>
      program;
  const auto [encoded, decoded] =
      program(parameters, file.read<double>("source"), file.read<double>("target"));
  const double errors[] = {test::largest_error(encoded, file.read<double>("encoded"), bar),
                           test::largest_error(decoded, file.read<double>("decoded"), bar)};
  for (const double error : errors) CHECK(error < bar);
  std::printf("figure: PyTorch's weights, double: encoder %.1e, decoder %.1e (bar %.0e)\n", errors[0],
              errors[1], bar);
}

TEST_CASE("a model and an attention with Keras' weights give Keras' activations") {
  const io::Safetensors file = test::reference("keras_layers.safetensors");
  Parameters<ModelAndAttention, double> parameters{Seed{1}};
  io::load_parameters(file, parameters,
                      io::keras::transformer_model().under("model.", "model.") +
                          io::keras::attention().under("attention.", "attention/"),
                      {.ignore_unexpected = true});
  DoubleProgram<apply_both, ModelAndAttention, Index<batch, 5>, Tensor<batch, 5, width>> program;
  const auto [logits, attended] = program(parameters, file.read<std::int32_t>("ids"), file.read<double>("x"));
  const double errors[] = {test::error_of_largest(logits, file.read<double>("logits")),
                           test::error_of_largest(attended, file.read<double>("attended"))};
  for (const double error : errors) CHECK(error < float_bar);
  std::printf(
      "figure: Keras' weights, in float there: model %.1e, attention %.1e of the largest (bar %.0e)\n",
      errors[0], errors[1], float_bar);
}

TEST_CASE("weights in another layout are refused by their names") {
  const io::Safetensors file = test::reference("pytorch_layers.safetensors");
  Parameters<EncoderAndDecoder, double> parameters{Seed{1}};
  CHECK_THROWS_WITH(
      io::load_parameters(file, parameters, io::pytorch::encoder().under("encoder.", "encoder.")),
      Catch::Contains(
          "'decoder.layers.1.cross_attention.key.weight': expected a tensor [6, 6], got none of this "
          "name") &&
          Catch::Contains("'decoder.layers.0.linear1.weight': expected no such tensor, got F64 [10, 6]"));
}
