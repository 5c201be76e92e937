#include <nn/golden.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using test::difference;

using Layer = nn::DecoderLayer<4, 2, 16, test::golden_options<nn::Activation::relu>>;

constexpr auto decode = [](const auto& layer, auto x, auto memory) { return layer(x, memory); };

}  // namespace

TEST_CASE("a decoder layer gives the golden table's rows") {
  const auto parameters = test::cosines<Layer>();
  DoubleProgram<decode, Layer, Tensor<1, 1, 4>, Tensor<1, 1, 4>> one;
  DoubleProgram<decode, Layer, Tensor<1, 2, 4>, Tensor<1, 1, 4>> two;
  const xt::xtensor<double, 3> target = {{{20, 30, 40, 50}}};
  const xt::xtensor<double, 3> memory = {{{60, 70, 80, 90}}};
  const xt::xtensor<double, 3> targets = {{{9, 10, 11, 12}, {11, 12, 13, 14}}};
  const xt::xtensor<double, 3> short_memory = {{{1, 2, 3, 4}}};
  const auto both = two(parameters, targets, short_memory);
  const double differences[] = {
      difference(one(parameters, target, memory), 0, 0, {2.314351, .094805, -.671322, .101977}),
      difference(both, 0, 0, {2.422245, .051716, -.606338, -.024756}),
      difference(both, 0, 1, {2.422245, .051716, -.606338, -.024756}),
  };
  const double largest = test::check_golden(differences);
  std::printf("figure: golden table, decoder: %zu rows, largest difference %.1e (bar %.0e)\n",
              std::size(differences), largest, test::golden_bar);
}

// The peer's layer lets every target see every other there. Ours does so for the last one, and there are no
// positions in a layer: so each of the three is put last, in a sequence of its own.
TEST_CASE("the last of three targets over five tokens of memory is the golden table's row, whichever it is") {
  constexpr double words[3][4] = {
      {.4517, .6793, .5313, .0034}, {.8100, .3716, .4096, .1976}, {.0494, .9343, .5955, .3830}};
  constexpr double seen[5][4] = {{.7462, .6653, .5679, .4891},
                                 {.8335, .2799, .5031, .2947},
                                 {.6333, .9344, .1376, .9938},
                                 {.9897, .6915, .3154, .1733},
                                 {.8117, .2366, .4838, .7881}};
  xt::xtensor<double, 3> targets = xt::zeros<double>({3, 3, 4});
  xt::xtensor<double, 3> memory = xt::zeros<double>({3, 5, 4});
  for (std::size_t last = 0; last < 3; ++last) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t t = 0; t < 3; ++t) targets(last, t, i) = words[(last + 1 + t) % 3][i];
      for (std::size_t s = 0; s < 5; ++s) memory(last, s, i) = seen[s][i];
    }
  }
  DoubleProgram<decode, Layer, Tensor<3, 3, 4>, Tensor<3, 5, 4>> program;
  const auto rows = program(test::cosines<Layer>(), targets, memory);
  const double differences[] = {
      difference(rows, 0, 2, {2.430065, .027862, -.601136, -.073096}),
      difference(rows, 1, 2, {2.428457, .027053, -.602275, -.073462}),
      difference(rows, 2, 2, {2.431934, .028196, -.599802, -.073809}),
  };
  const double largest = test::check_golden(differences);
  std::printf(
      "figure: golden table, decoder over longer memory: %zu rows, largest difference %.1e (bar %.0e)\n",
      std::size(differences), largest, test::golden_bar);
}
