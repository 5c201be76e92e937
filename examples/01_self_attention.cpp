// Simplified self-attention of six words: dot products as scores, softmax as weights, weighted sums as
// context vectors.
#include <ctgrad/ctgrad.hpp>

#include <cstdio>

namespace cg = ctgrad;

namespace {

constexpr cg::Size words = 6, width = 3;
constexpr const char* names[] = {"Your", "journey", "starts", "with", "one", "step"};

// scores = x xᵀ, weights = softmax(scores), context = weights x
constexpr auto self_attention = [](auto x) {
  const auto scores = cg::matmul(x, cg::transpose(x));
  const auto weights = cg::softmax(scores);
  return std::tuple{scores, weights, cg::matmul(weights, x)};
};

template <class Matrix>
void print(const char* title, const Matrix& matrix) {
  std::printf("%s\n", title);
  for (std::size_t row = 0; row < matrix.shape()[0]; ++row) {
    std::printf("  %-8s", names[row]);
    for (std::size_t column = 0; column < matrix.shape()[1]; ++column)
      std::printf(" %.4f", matrix(row, column));
    std::printf("\n");
  }
  std::printf("\n");
}

}  // namespace

int main() {
  const xt::xtensor<double, 2> inputs = {{0.43, 0.15, 0.89},   // Your     (x^1)
                                         {0.55, 0.87, 0.66},   // journey  (x^2)
                                         {0.57, 0.85, 0.64},   // starts   (x^3)
                                         {0.22, 0.58, 0.33},   // with     (x^4)
                                         {0.77, 0.25, 0.10},   // one      (x^5)
                                         {0.05, 0.80, 0.55}};  // step     (x^6)
  cg::DoubleProgram<self_attention, cg::Tensor<words, width>> program;
  const auto [scores, weights, context] = program(inputs);
  print("scores: every word's dot product with every word", scores);
  print("weights: the softmax of each row", weights);
  print("context vectors: the words' weighted sums", context);
  std::printf("the graph\n%s", cg::table(program).c_str());
}
