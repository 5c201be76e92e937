#include <ctgrad/check/check_gradients.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/arrays.hpp>
#include <support/catch.hpp>
#include <support/compute.hpp>

#include <cmath>
#include <cstdio>
#include <limits>

/// What dropout owes: rates, masks that follow from key and place alone, one mask for value and gradient.
namespace ctgrad::test {

namespace {

using Samples = Tensor<4, 6, 10>;

template <auto R>
constexpr auto drop = [](auto x, auto key) { return dropout(x, R.value, key); };
constexpr auto smooth = [](auto x, auto key) { return sum(tanh(dropout(x, 0.3, fold_in(key, 1)) * x)); };

/// The mask of 4 samples at a place, or of fewer.
template <Size Count, std::int32_t Place>
constexpr auto mask_at = [](auto x, auto key) {
  return std::tuple{as_real(keep_mask<Count, 6, 10>(0.5, fold_in(key, Place))), x};
};
template <Size... D>
constexpr auto mask_of_rate = [](auto rate_of, auto key) {
  return std::tuple{as_real(keep_mask<D...>(0.3, key)), rate_of};
};

Numbers words(const RandomKey& key) {
  Numbers result(std::vector<std::size_t>{4});
  for (std::size_t i = 0; i < 4; ++i) result(i) = key.data()[i];
  return result;
}

template <Size Count, std::int32_t Place>
Numbers mask(const RandomKey& key) {
  return compute<float, mask_at<Count, Place>, Tensor<>, Key>({Numbers(0.0), words(key)})[0];
}

Numbers ones_of(const Shape& shape) { return Numbers(extents(shape), 1.0); }

/// The share of positions where two masks agree.
double agreement(const Numbers& a, const Numbers& b) {
  double equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a.data()[i] == b.data()[i] ? 1 : 0;
  return equal / static_cast<double>(a.size());
}

/// Five standard deviations of a mean over `count` truth values that hold with probability p.
double bar(double p, double count) { return 5 * std::sqrt(p * (1 - p) / count); }

}  // namespace

TEST_CASE("the masks of published random words", "[dropout]") {
  // kat_vectors of Random123: philox4x32-10 of counter 243f6a88 85a308d3 13198a2e 03707344 and key a4093822
  // 299f31d0 is d16cfe09 94fdcceb 5001e420 24126ea1.
  kernels::PhiloxWords<8> lanes;
  constexpr std::uint32_t counter[] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
  constexpr std::uint32_t expected[] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
  for (std::size_t lane = 0; lane < 8; ++lane) {
    for (std::size_t w = 0; w < 4; ++w) lanes[w][lane] = counter[w] + (lane == 5 ? 0u : 1u);
  }
  kernels::philox4x32<8>(lanes, {0xa4093822, 0x299f31d0});
  for (std::size_t w = 0; w < 4; ++w) {
    CHECK((lanes[w][5] == expected[w]));
    CHECK(lanes[w][0] == lanes[w][7]);
    CHECK(lanes[w][0] != expected[w]);
  }
}

TEST_CASE("rate 0 is the argument itself, rate 1 is zeros, and both pass gradients so", "[dropout]") {
  STATIC_REQUIRE(count<ops::KeepMask>(runtime::Trace<drop<Rate{0}>, Samples, Key>::traced()) == 0);
  const Graph same = runtime::Trace<drop<Rate{0}>, Samples, Key>::traced();
  CHECK(same.outputs[0] == same.inputs[0]);
  constexpr auto all = [](auto x, auto key) { return sum(dropout(x, 1, key) + 3 * dropout(x, 0, key)); };
  const Numbers infinite(extents(Samples::shape), std::numeric_limits<double>::infinity());
  const auto zero = compute<double, drop<Rate{1}>, Samples, Key>({infinite, words(random_key(Seed{1}, 0))});
  CHECK((zero[0] == Numbers(extents(Samples::shape), 0.0)));
  const auto slope = compute<double, grad(all), Samples, Key>({ones_of(Samples::shape), Numbers{1, 2, 3, 4}});
  CHECK((slope[0] == Numbers(extents(Samples::shape), 3.0)));
}

TEST_CASE("a rate that is NaN or outside [0, 1] is refused", "[dropout]") {
  Graph graph;
  const Value x = ops::input(graph, {Kind::real, shape_of(2)});
  const Value key = ops::input(graph, {Kind::index, shape_of(4)});
  for (const double rate : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_WITH(ops::dropout(x, rate, key),
                      contains("dropout: rate: expected a number in [0, 1], got"));
    CHECK_THROWS_WITH(ops::keep_mask(key, rate, x.shape()), contains("keep_mask: rate"));
  }
  CHECK(graph.size() == 2);
}

TEST_CASE("what is kept is divided by 1 - rate, and the gradient is 0 exactly where it is dropped",
          "[dropout]") {
  constexpr auto both = [](auto x, auto key) {
    constexpr auto f = [](auto y, auto k) { return sum(dropout(y, 0.3, k)); };
    return std::tuple{dropout(x, 0.3, key), grad(f)(x, key)};
  };
  const auto found =
      compute<double, both, Samples, Key>({ones_of(Samples::shape), words(random_key(Seed{3}, 1))});
  CHECK((found[0] == found[1]));
  int kept = 0;
  for (const double number : found[0]) {
    CHECK((number == 0 || number == 1 / (1 - 0.3)));
    kept += number != 0 ? 1 : 0;
  }
  CHECK((kept > 0 && kept < static_cast<int>(found[0].size())));
  const Numbers infinite(extents(Samples::shape), std::numeric_limits<double>::infinity());
  const auto finite = compute<double, both, Samples, Key>({infinite, words(random_key(Seed{3}, 1))});
  CHECK((finite[1] == found[1]));
  for (std::size_t i = 0; i < finite[0].size(); ++i)
    CHECK((finite[0].data()[i] == 0) == (found[0].data()[i] == 0));
}

TEST_CASE("a function with dropout passes every check of its derivatives", "[dropout]") {
  const auto x = xt::xtensor<double, 3>::from_shape({4, 6, 10});
  xt::xtensor<double, 3> at = x;
  Random random(Seed{seed()});
  for (double& number : at) number = random.uniform() + 0.5;
  check_gradients<Samples, Key>(smooth, at, random_key(Seed{7}, 2));
}

TEST_CASE("a mask is true as often as its rate says", "[dropout]") {
  using Program = runtime::Machine<float, runtime::Trace<mask_of_rate<64, 32, 97>, Tensor<>, Key>>;
  Program machine;
  for (const std::uint64_t step : {0u, 1u, 1000u}) {
    const Numbers kept = run(machine, {Numbers(0.0), words(random_key(Seed{seed()}, step))})[0];
    const double whole = static_cast<double>(kept.size());
    double mean = 0;
    for (const double k : kept) mean += k / whole;
    CHECK_THAT(mean, Catch::Matchers::WithinAbs(0.7, bar(0.7, whole)));
    std::vector<double> columns(97, 0.0);
    double follows = 0;  // how often an element is as the one before
    for (std::size_t i = 0; i < kept.size(); ++i) {
      columns[i % 97] += kept.data()[i];
      follows += i > 0 && kept.data()[i] == kept.data()[i - 1] ? 1 : 0;
    }
    for (const double column : columns)
      CHECK_THAT(column * 97 / whole, Catch::Matchers::WithinAbs(0.7, bar(0.7, whole / 97)));
    CHECK_THAT(follows / whole, Catch::Matchers::WithinAbs(0.58, bar(0.58, whole)));
  }
}

TEST_CASE("places, steps, seeds and samples have masks that know nothing of each other", "[dropout]") {
  const std::uint64_t chosen = seed();
  std::vector<Numbers> masks{mask<4, 0>(random_key(Seed{chosen}, 0)),
                             mask<4, 1>(random_key(Seed{chosen}, 0)),
                             mask<4, 2>(random_key(Seed{chosen}, 0)),
                             mask<4, 0>(random_key(Seed{chosen}, 1)),
                             mask<4, 1>(random_key(Seed{chosen}, 1)),
                             mask<4, 0>(random_key(Seed{chosen + 1}, 0)),
                             mask<4, 0>(random_key(Seed{chosen + (std::uint64_t{1} << 32)}, 0)),
                             mask<4, 0>(random_key(Seed{chosen}, 0, 4))};
  for (std::size_t a = 0; a < masks.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      INFO("masks " << a << " and " << b);
      CHECK_THAT(agreement(masks[a], masks[b]), Catch::Matchers::WithinAbs(0.5, bar(0.5, 240)));
    }
  }
}

TEST_CASE("two shards of two samples have the bits of a batch of four", "[dropout]") {
  const Numbers whole = mask<4, 3>(random_key(Seed{9}, 5, 100));
  for (const std::size_t shard : {0u, 1u}) {
    const Numbers part = mask<2, 3>(random_key(Seed{9}, 5, 100 + 2 * shard));
    for (std::size_t i = 0; i < part.size(); ++i) CHECK(part.data()[i] == whole.data()[120 * shard + i]);
  }
}

TEST_CASE("a place has the same bits whatever else is traced, and whatever transforms do", "[dropout]") {
  constexpr auto alone = [](auto x, auto key) { return dropout(x, 0.5, fold_in(key, 2)); };
  constexpr auto behind_others = [](auto x, auto key) {
    const auto other = dropout(dropout(x, 0.5, fold_in(key, 0)), 0.5, fold_in(key, 1));
    return std::tuple{dropout(x, 0.5, fold_in(key, 2)), other};
  };
  constexpr auto recomputed = [](auto x, auto key) {
    const auto f = [key](auto y) { return square(dropout(y, 0.5, fold_in(key, 2))); };
    return grad([f](auto y) { return sum(recompute(f)(y)); })(x) * 0.25;
  };
  const std::vector<Numbers> point{ones_of(Samples::shape), words(random_key(Seed{11}, 6))};
  const Numbers expected = compute<double, alone, Samples, Key>(point)[0];
  CHECK((compute<double, behind_others, Samples, Key>(point)[0] == expected));
  CHECK((compute<double, recomputed, Samples, Key>(point)[0] == expected));
  CHECK(
      (compute<double, jvp<0>(alone), Samples, Key, Samples>({point[0], point[1], point[0]})[1] == expected));
}

TEST_CASE("vmap over keys is a key after the other; over samples alone, one mask for all", "[dropout]") {
  constexpr auto one = [](auto x, auto key) { return dropout(x, 0.5, fold_in(key, 1)); };
  using One = Tensor<6, 10>;
  Numbers keys = xt::zeros<double>({4, 4});
  for (std::size_t i = 0; i < 4; ++i) {
    const Numbers each = words(random_key(Seed{5 + i}, i, 2 * i));
    for (std::size_t w = 0; w < 4; ++w) keys(i, w) = each(w);
  }
  const Numbers x = ones_of(Samples::shape);
  const Numbers each = compute<double, vmap(one), Samples, Index<4, 4>>({x, keys})[0];
  const Numbers same = compute<double, vmap<0>(one), Samples, Key>({x, words(random_key(Seed{5}, 0))})[0];
  for (std::size_t i = 0; i < 4; ++i) {
    const Numbers key = words(random_key(Seed{5 + i}, i, 2 * i));
    const Numbers expected = compute<double, one, One, Key>({ones_of(One::shape), key})[0];
    const Numbers first =
        compute<double, one, One, Key>({ones_of(One::shape), words(random_key(Seed{5}, 0))})[0];
    for (std::size_t k = 0; k < 60; ++k) {
      CHECK((each.data()[60 * i + k] == expected.data()[k]));
      CHECK(same.data()[60 * i + k] == first.data()[k]);
    }
  }
}

TEST_CASE("a key's step and first sample have 32 bits", "[dropout]") {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  CHECK_NOTHROW(random_key(Seed{1}, most, most));
  CHECK_THROWS_WITH(random_key(Seed{1}, most + 1),
                    contains("random_key: step: expected less than 2^32, got"));
  CHECK_THROWS_WITH(random_key(Seed{1}, 0, most + 1), contains("random_key: first_sample"));
}

}  // namespace ctgrad::test
