#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;

constexpr auto self_attention = [](auto x) {
  const auto scores = matmul(x, transpose(x));
  const auto weights = softmax(scores);
  return std::tuple{scores, weights, matmul(weights, x)};
};
constexpr auto sum_of_context = [](auto x) { return sum(std::get<2>(self_attention(x))); };

}  // namespace

/// The words are those of Raschka, "Build a large language model (from scratch)", 2024, chapter 3, as is the
/// second one's context vector.
TEST_CASE("simplified self-attention of six words gives PyTorch's scores, weights and context vectors") {
  const io::Safetensors file = test::reference("simple_self_attention.safetensors");
  DoubleProgram<self_attention, Tensor<6, 3>> program;
  const auto [scores, weights, context] = program(file.read<double>("inputs"));
  CHECK(test::largest_error(scores, file.read<double>("attn_scores"), 1e-10) < 1e-10);
  CHECK(test::largest_error(weights, file.read<double>("attn_weights"), 1e-10) < 1e-10);
  CHECK(test::largest_error(context, file.read<double>("all_context_vecs"), 1e-10) < 1e-10);
  CHECK_THAT(context(1, 0), Catch::Matchers::WithinAbs(0.4419, 5e-5));
  CHECK_THAT(context(1, 1), Catch::Matchers::WithinAbs(0.6515, 5e-5));
  CHECK_THAT(context(1, 2), Catch::Matchers::WithinAbs(0.5683, 5e-5));
}

TEST_CASE("the gradient of the sum of its context vectors is PyTorch's") {
  const io::Safetensors file = test::reference("simple_self_attention.safetensors");
  DoubleProgram<grad(sum_of_context), Tensor<6, 3>> gradient;
  const double error =
      test::largest_error(gradient(file.read<double>("inputs")), file.read<double>("grad/inputs"), 1e-10);
  CHECK(error < 1e-10);
  std::printf("figure: simplified self-attention, double: gradient %.1e (bar 1e-10)\n", error);
}
