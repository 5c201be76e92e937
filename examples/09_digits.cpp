// Handwritten digits: a network of two layers learns from 1437 images of 8 x 8 pixels, each turned, stretched
// and moved a little whenever it is shown, and is then asked about the 360 that it has never seen.
//
//     09_digits [FILE [SEED [FIRST]]]    asks about the 360 from image FIRST on; the last 360 never teach
#include <ctgrad/train.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
namespace cg = ctgrad;

constexpr std::size_t all = 1797, asked = 360, pixels = 64, batch = 96;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::nn::Linear<64, 512>,            hidden),
    (cg::nn::Dropout<cg::Rate{0.3}>,     dropout),
    (cg::nn::Linear<512, 10>,            head));

  // logits [batch, 10] of images [batch, 64]; given a key, it drops a part of what lies between the layers
  constexpr auto operator()(auto images, const auto&... key) const {
    return head(dropout(cg::relu(hidden(images)), key...));
  }
};
constexpr auto loss = [](const auto& model, auto images, auto digits, auto key) {
  return cg::cross_entropy(model(images, key), digits);
};
constexpr auto predict = [](const auto& model, auto images) { return model(images); };

struct Digits {
  std::vector<std::array<float, pixels>> images;  // each pixel from 0, white, to 1
  std::vector<std::int32_t> digits;
};

// A line is an image of 64 characters from 0 to g, a blank and the digit; other lines begin with #.
Digits read_digits(const char* file) {
  std::ifstream in(file);
  Digits data;
  for (std::string line; std::getline(in, line);) {
    if (line.size() != pixels + 2 || line[0] == '#') continue;
    std::array<float, pixels>& image = data.images.emplace_back();
    for (std::size_t i = 0; i < pixels; ++i)
      image[i] = static_cast<float>(line[i] <= '9' ? line[i] - '0' : line[i] - 'a' + 10) / 16;
    data.digits.push_back(line.back() - '0');
  }
  if (data.images.size() != all) throw std::runtime_error(std::string(file) + ": not the digits");
  return data;
}

// The image turned, stretched and moved at random, with another pen and noise: pixel p of the result is what
// lies at matrix p + shift in the image, between four of its pixels.
void distort(const std::array<float, pixels>& image, float* result, cg::Random& random) {
  const auto within = [&](double limit) { return limit * (2 * random.uniform() - 1); };
  const double a = 1 + within(0.15), b = within(0.35), c = within(0.25), d = 1 + within(0.15);
  const double down = within(0.7), right = within(0.7), ink = 1.05 + within(0.35);
  const auto pixel = [&](int row, int column) {
    const bool inside = row >= 0 && row < 8 && column >= 0 && column < 8;
    return inside ? static_cast<double>(image[static_cast<std::size_t>(8L * row + column)]) : 0.0;
  };
  for (int i = 0; i < 64; ++i) {
    const int pixel_row = i / 8, pixel_column = i % 8;
    const double y = pixel_row - 3.5, x = pixel_column - 3.5;  // from the middle
    const double row = a * y + b * x + 3.5 + down, column = c * y + d * x + 3.5 + right;
    const int top = static_cast<int>(std::floor(row)), left = static_cast<int>(std::floor(column));
    const double v = row - top, u = column - left;
    const double between = (1 - v) * ((1 - u) * pixel(top, left) + u * pixel(top, left + 1)) +
                           v * ((1 - u) * pixel(top + 1, left) + u * pixel(top + 1, left + 1));
    result[i] = static_cast<float>(std::min(ink * between, 1.0) + 0.1 * random.normal());
  }
}

int main(int argc, char** argv) {
  const Digits data = read_digits(argc > 1 ? argv[1] : "examples/data/digits.txt");
  const cg::Seed seed{argc > 2 ? std::stoull(argv[2]) : 1};
  const std::size_t first = argc > 3 ? std::stoull(argv[3]) : all - asked;
  if (first > all - asked) throw std::runtime_error("FIRST is at most " + std::to_string(all - asked));
  std::vector<std::size_t> trained;
  for (std::size_t i = 0; i < all - asked; ++i) {
    if (i < first || i >= first + asked) trained.push_back(i);
  }
  const auto count = static_cast<std::uint32_t>(trained.size());

  constexpr std::size_t steps = 12000;
  cg::Parameters<Model> parameters{seed};
  cg::AdamW adam{parameters, {.weight_decay = 0.01}};
  const cg::schedule::Cosine rate{{.peak = 3e-3, .steps = steps, .warmup = 100}};
  cg::Program<cg::value_and_grad(loss), Model, cg::Tensor<batch, 64>, cg::Index<batch>, cg::Key> step;

  cg::Random random{seed, 100};  // a stream of its own: parameters draw from the first ones
  auto images = xt::xtensor<float, 2>::from_shape({batch, pixels});
  auto digits = xt::xtensor<std::int32_t, 1>::from_shape({batch});
  for (std::size_t i = 1; i <= steps; ++i) {
    for (std::size_t row = 0; row < batch; ++row) {
      const std::size_t chosen = trained[random.below(count)];
      distort(data.images[chosen], images.data() + row * pixels, random);
      digits(row) = data.digits[chosen];
    }
    adam.set_learning_rate(rate(i));
    const auto result = step(parameters, images, digits, cg::random_key(seed, i));
    adam.update(parameters, result);
    if (i % 3000 == 0) std::cout << "step " << i << ": loss " << result.value << '\n';
  }

  cg::Program<predict, Model, cg::Tensor<asked, 64>> model;
  auto unseen = xt::xtensor<float, 2>::from_shape({asked, pixels});
  auto truth = xt::xtensor<std::int32_t, 1>::from_shape({asked});
  for (std::size_t row = 0; row < asked; ++row) {
    std::copy(data.images[first + row].begin(), data.images[first + row].end(), &unseen(row, 0));
    truth(row) = data.digits[first + row];
  }
  const cg::Hits hits = cg::count_hits(model(parameters, unseen), truth);
  std::cout << hits.correct << " of " << hits.total << " unseen digits right (bar 97 %)\n";
  return hits.accuracy() >= 0.97 ? 0 : 1;
}
