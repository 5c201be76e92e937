#pragma once

#include <ctgrad/io.hpp>
#include <ctgrad/train.hpp>

#include "embedder.hpp"

#include <algorithm>

namespace sentences {

/// What is to be learned of a pair of vectors [batch, width]: from their distances |a - b| and products a b,
/// number by number, logits [batch, 2] of "other" and "similar".
template <ctgrad::Size Width>
struct PairNetwork {
  using Hidden = ctgrad::nn::Linear<2 * Width, 16>;
  using Dropping = ctgrad::nn::Dropout<ctgrad::Rate{0.5}>;
  using Head = ctgrad::nn::Linear<16, 2>;
  BOOST_HANA_DEFINE_STRUCT(PairNetwork, (Hidden, hidden), (Dropping, dropout), (Head, head));

  /// The numbers of vectors of length 1 are small: they are scaled to be about 1.
  constexpr auto operator()(auto a, auto b, const auto&... key) const {
    const auto features = ctgrad::concatenate<-1>(ctgrad::abs(a - b) * scale, a * b * (scale * scale));
    return head(dropout(ctgrad::relu(hidden(features)), key...));
  }

 private:
  static constexpr double scale = [] {
    double root = 1;
    for (int i = 0; i < 60; ++i) root = (root + static_cast<double>(Width) / root) / 2;
    return root;
  }();
};

struct PairLoss {
  constexpr auto operator()(const auto& network, auto a, auto b, auto similar, auto key) const {
    return ctgrad::cross_entropy(network(a, b, key), similar);
  }
};
struct PairProbabilities {
  constexpr auto operator()(const auto& network, auto a, auto b) const {
    return ctgrad::softmax(network(a, b));
  }
};

/// A PairClassifier of vectors of this width.
template <ctgrad::Size Width>
class PairNetworkClassifier final : public PairClassifier {
 public:
  using Network = PairNetwork<Width>;

  void train(const Pairs& pairs, const PairTraining& training) override {
    const ctgrad::Seed seed{training.seed};
    parameters_ = ctgrad::Parameters<Network>{seed};
    ctgrad::AdamW adam{parameters_, {.weight_decay = 0.1}};
    const ctgrad::schedule::Cosine rate{
        {.peak = 3e-4, .steps = training.steps, .warmup = training.steps / 10}};
    ctgrad::Random random{seed, 100};  // a stream of its own: parameters draw from the first ones
    for (std::size_t i = 1; i <= training.steps; ++i) {
      for (std::size_t row = 0; row < batch; ++row) {
        const std::size_t pair = random.below(static_cast<std::uint32_t>(pairs.size()));
        place(pairs, pair, row);
        similar_(row) = pairs.similar[pair];
      }
      adam.set_learning_rate(rate(i));
      const auto result = step_(parameters_, first_, second_, similar_, random_key(seed, i));
      adam.update(parameters_, result);
    }
  }

  std::vector<double> probabilities(const Pairs& pairs) override {
    std::vector<double> similar;
    for (std::size_t pair = 0; pair < pairs.first.size(); pair += batch) {
      const std::size_t count = std::min<std::size_t>(batch, pairs.first.size() - pair);
      for (std::size_t row = 0; row < count; ++row) place(pairs, pair + row, row);
      const auto answers = ask_(parameters_, first_, second_);
      for (std::size_t row = 0; row < count; ++row) similar.push_back(static_cast<double>(answers(row, 1)));
    }
    return similar;
  }

  void save(const std::filesystem::path& path) const override {
    ctgrad::io::save_parameters(path, parameters_);
  }
  void load(const std::filesystem::path& path) override { ctgrad::io::load_parameters(path, parameters_); }

 private:
  static constexpr ctgrad::Size batch = 32;
  using Vectors = ctgrad::Tensor<batch, Width>;

  void place(const Pairs& pairs, std::size_t pair, std::size_t row) {
    std::ranges::copy(pairs.first[pair], &first_(row, 0));
    std::ranges::copy(pairs.second[pair], &second_(row, 0));
  }

  ctgrad::Parameters<Network> parameters_{ctgrad::Seed{1}};
  ctgrad::Program<ctgrad::value_and_grad(PairLoss{}), Network, Vectors, Vectors, ctgrad::Index<batch>,
                  ctgrad::Key>
      step_;
  ctgrad::Program<PairProbabilities{}, Network, Vectors, Vectors> ask_;
  xt::xtensor<float, 2> first_ = xt::zeros<float>({std::size_t{batch}, std::size_t{Width}}), second_ = first_;
  xt::xtensor<std::int32_t, 1> similar_ = xt::zeros<std::int32_t>({std::size_t{batch}});
};

template <std::size_t Width>
std::unique_ptr<PairClassifier> make_pair_classifier() {
  return std::make_unique<PairNetworkClassifier<ctgrad::Size{Width}>>();
}

}  // namespace sentences
