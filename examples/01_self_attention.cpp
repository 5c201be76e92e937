// Self-attention of six words, from one dot product to weights that learn: the scores of one word with all
// words, a softmax, a weighted sum; the same for every word by loops and by matrix products; then queries,
// keys and values that are trained to tell the next word.
#include <ctgrad/ctgrad.hpp>

#include "support/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cg = ctgrad;

namespace {

constexpr cg::Size words = 6, width = 3;
constexpr const char* names[] = {"Your", "journey", "starts", "with", "one", "step"};

// One word's vector, of the rows of x.
template <cg::Size I>
constexpr auto word(const cg::Tensor<words, width>& x) {
  return cg::reshape<width>(cg::slice<0, I, I + 1>(x));
}

constexpr auto dot = [](auto a, auto b) { return cg::sum(a * b); };

// Calls f with the constants 0 to 5: a loop that the compiler runs while it writes down the graph.
template <class F>
constexpr auto for_every_word(F f) {
  return [&]<cg::Size... I>(std::integer_sequence<cg::Size, I...>) {
    return f(std::integral_constant<cg::Size, I>{}...);
  }(std::make_integer_sequence<cg::Size, words>{});
}

// Numbers side by side, or rows below each other.
constexpr auto vector_of = [](auto... numbers) { return cg::concatenate<0>(cg::reshape<1>(numbers)...); };
constexpr auto matrix_of = [](auto... rows) {
  return cg::concatenate<0>(cg::reshape<1, decltype(rows)::size>(rows)...);
};

constexpr auto softmax_naive = [](auto x) { return cg::exp(x) / cg::sum(cg::exp(x)); };

// The second word: its scores, its weights both ways, its context vector.
constexpr auto journey = [](auto x) {
  const auto query = word<1>(x);
  const auto scores =
      for_every_word([&](auto... i) { return vector_of(dot(word<decltype(i)::value>(x), query)...); });
  const auto weights = softmax_naive(scores);
  const auto context = for_every_word([&](auto... i) {
    return ((cg::reshape<>(cg::slice<0, i, i + 1>(weights)) * word<decltype(i)::value>(x)) + ...);
  });
  return std::tuple{scores, weights, cg::softmax(scores), context};
};

// Every word with every word, by two loops.
constexpr auto scores_by_loops = [](auto x) {
  const auto row = [&](auto i) {
    return for_every_word(
        [&](auto... j) { return vector_of(dot(word<i>(x), word<decltype(j)::value>(x))...); });
  };
  return for_every_word([&](auto... i) { return matrix_of(row(i)...); });
};

// The same as matrix products: scores = x xᵀ, weights = softmax(scores), context = weights x.
constexpr auto self_attention = [](auto x) {
  const auto scores = cg::matmul(x, cg::transpose(x));
  const auto weights = cg::softmax(scores);
  return std::tuple{scores, weights, cg::matmul(weights, x)};
};

// Attention as a paper writes it. The compiler finds it, and makes one operation of it that never stores its
// scores.
constexpr auto attend = [](auto q, auto k, auto v) {
  return cg::matmul(cg::softmax(cg::matmul(q, cg::transpose(k)) * 0.5), v);
};

void show_fusion() {
  using X = cg::Tensor<6, 4>;
  constexpr auto as_written = cg::optimize<cg::no_passes>(attend);
  std::printf("attention as it is traced\n%s\nand as it is run\n%s\n",
              cg::table(cg::runtime::Trace<as_written, X, X, X>::make()).c_str(),
              cg::table(cg::runtime::Trace<attend, X, X, X>::make()).c_str());
}

// What follows in every Transformer: words are not compared as they are, but as queries and keys, and what is
// summed are values, each a product of the word with a matrix that is learned.
struct SelfAttention {
  using Weight = cg::Parameter<cg::init::glorot_uniform, width, width>;
  BOOST_HANA_DEFINE_STRUCT(SelfAttention, (Weight, query), (Weight, key), (Weight, value));

  // softmax(q kᵀ / sqrt(width)) v
  constexpr auto operator()(auto x) const {
    return cg::attention(cg::matmul(x, query), cg::matmul(x, key), cg::matmul(x, value));
  }
  // The same, where no word sees a later one.
  constexpr auto looking_back(auto x) const {
    return cg::attention(cg::matmul(x, query), cg::matmul(x, key), cg::matmul(x, value),
                         cg::nn::causal_mask(x));
  }
  constexpr auto weights_looking_back(auto x) const {
    return cg::attention_weights(cg::matmul(x, query), cg::matmul(x, key), cg::nn::causal_mask(x));
  }
};

// For each of the first five words, how well every word fits as the one that follows: the nearer it is to the
// context vector c the better, -|c - x|² / 2 but for |c|² / 2, which is the same for all.
constexpr auto next = [](auto context, auto x) {
  const auto products = cg::matmul(cg::slice<0, 0, words - 1>(context), cg::transpose(x));
  return products - cg::sum<-1>(cg::square(x)) / 2;
};
constexpr auto loss = [](const auto& model, auto x, auto targets) {
  return cg::cross_entropy(next(model(x), x), targets);
};
constexpr auto loss_looking_back = [](const auto& model, auto x, auto targets) {
  return cg::cross_entropy(next(model.looking_back(x), x), targets);
};
constexpr auto show = [](const auto& model, auto x) {
  return std::tuple{model.weights_looking_back(x), next(model.looking_back(x), x), next(model(x), x)};
};

template <class Row>
void print_row(const char* name, const Row& row, std::size_t size) {
  std::printf("  %-8s", name);
  for (std::size_t i = 0; i < size; ++i) std::printf(" %.4f", row[i]);
  std::printf("\n");
}

template <class Matrix>
void print(const char* title, const Matrix& matrix) {
  std::printf("%s\n", title);
  for (std::size_t row = 0; row < matrix.shape()[0]; ++row)
    print_row(names[row], matrix.data() + row * matrix.shape()[1], matrix.shape()[1]);
  std::printf("\n");
}

using Words = xt::xtensor<double, 2>;

void show_one_word(const Words& inputs) {
  cg::DoubleProgram<journey, cg::Tensor<words, width>> program;
  const auto [scores, naive, weights, context] = program(inputs);
  std::printf("the second word, \"journey\"\n");
  print_row("scores", scores.data(), words);
  print_row("naively", naive.data(), words);
  print_row("softmax", weights.data(), words);
  print_row("context", context.data(), width);
  std::printf("\n");
}

bool show_all_words(const Words& inputs) {
  cg::DoubleProgram<scores_by_loops, cg::Tensor<words, width>> loops;
  cg::DoubleProgram<self_attention, cg::Tensor<words, width>> program;
  const auto by_loops = loops(inputs);
  const auto [scores, weights, context] = program(inputs);
  double apart = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    apart = std::max(apart, std::abs(scores.data()[i] - by_loops.data()[i]));
  print("scores: every word's dot product with every word", scores);
  std::printf("the same by two loops: at most %.0e apart, %d nodes against %d\n\n", apart,
              loops.graph().size(), program.graph().size());
  print("weights: the softmax of each row", weights);
  print("context vectors: the words' weighted sums", context);
  std::printf("the graph\n%s\n", cg::table(program).c_str());
  return apart < 1e-14;
}

// Trains queries, keys and values to tell the next word.
template <auto Loss>
void train(cg::Parameters<SelfAttention, double>& parameters, const Words& inputs,
           const xt::xtensor<std::int32_t, 1>& targets, int steps) {
  cg::DoubleProgram<cg::value_and_grad(Loss), SelfAttention, cg::Tensor<words, width>, cg::Index<words - 1>>
      step;
  cg::Adam adam{parameters, {.learning_rate = 0.1}};
  for (int i = 0; i <= steps; ++i) {
    const auto result = step(parameters, inputs, targets);
    if (i % (steps / 4) == 0) std::printf("  step %4d  loss %.4f\n", i, result.value);
    adam.update(parameters, result.gradients);
  }
}

// Prints the words that are told to follow; says how many do.
template <class Scores>
int print_next(const Scores& scores) {
  int right = 0;
  for (std::size_t t = 0; t + 1 < words; ++t) {
    const double* row = scores.data() + t * words;
    const auto told = static_cast<std::size_t>(std::max_element(row, row + words) - row);
    std::printf("  %-8s -> %s\n", names[t], names[told]);
    right += told == t + 1 ? 1 : 0;
  }
  std::printf("\n");
  return right;
}

// "journey" and "starts" are almost the same vector, so that one of them is soon taken for the other.
bool learn_the_next_word(const Words& inputs) {
  const xt::xtensor<std::int32_t, 1> targets = {1, 2, 3, 4, 5};
  cg::DoubleProgram<show, SelfAttention, cg::Tensor<words, width>> program;
  cg::Parameters<SelfAttention, double> back{cg::Seed{4}};
  cg::Parameters<SelfAttention, double> all{cg::Seed{4}};
  std::printf("queries, keys and values learn to tell the next word, looking back\n");
  train<loss_looking_back>(back, inputs, targets, 400);
  const int right_looking_back = print_next(std::get<1>(program(back, inputs)));
  print("weights of the words so far", std::get<0>(program(back, inputs)));
  std::printf("the same, looking at all words\n");
  train<loss>(all, inputs, targets, 400);
  return print_next(std::get<2>(program(all, inputs))) >= 4 && right_looking_back >= 4;
}

}  // namespace

int main() {
  return program::run("01_self_attention", [] {
    const Words inputs = {{0.43, 0.15, 0.89},   // Your     (x^1)
                          {0.55, 0.87, 0.66},   // journey  (x^2)
                          {0.57, 0.85, 0.64},   // starts   (x^3)
                          {0.22, 0.58, 0.33},   // with     (x^4)
                          {0.77, 0.25, 0.10},   // one      (x^5)
                          {0.05, 0.80, 0.55}};  // step     (x^6)
    show_one_word(inputs);
    const bool equal = show_all_words(inputs);
    show_fusion();
    const bool learned = learn_the_next_word(inputs);
    return equal && learned ? 0 : 1;
  });
}
