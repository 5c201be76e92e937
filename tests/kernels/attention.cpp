#include <support/catch.hpp>

#include "attention_reference.hpp"

#include <cstdio>
#include <memory>

/// Attention forward and backward: true, and every number the bits of sums in a fixed order, whatever the
/// width of the vectors.
namespace ctgrad::test {

namespace {

/// What is told at run time.
template <class T>
struct Options {
  T fill = -std::numeric_limits<T>::infinity();
  bool excluded = false;
  bool mask_repeats = false;  ///< one row of the mask, or of the bias, for all queries
  bool bias_repeats = false;
};

/// An attention with random operands.
template <AttentionShape S, class T>
class Attended {
 public:
  explicit Attended(const Options<T>& options = {}, std::uint64_t salt = 0)
      : engine_(seed() + salt), arrays(S), masked_(new bool[scores]), bias_(scores) {
    for (auto* x : {&arrays.q, &arrays.k, &arrays.v, &arrays.cotangent, &bias_}) {
      for (T& number : *x) number = draw();
    }
    for (auto* x : {&arrays.result, &arrays.dq, &arrays.dk, &arrays.dv}) {
      for (T& number : *x) number = untouched;
    }
    for (std::size_t i = 0; i < scores; ++i) masked_[i] = engine_() % 3 == 0;
    mask.fill = options.fill;
    mask.excluded = options.excluded;
    mask.mask = masked_.get();
    mask.mask_row = options.mask_repeats ? 0 : S.keys;
    mask.mask_column = 1;
    mask.bias = bias_.data();
    mask.bias_row = options.bias_repeats ? 0 : S.keys;
    mask.bias_column = 1;
  }

  static constexpr T scale = static_cast<T>(0.7);
  static constexpr T untouched = 77;
  std::mt19937_64 engine_;
  AttentionArrays<T> arrays;
  AttentionMask<T> mask;
  AttentionDropout dropout{{3, 8}, 5, 100, 9, 1, 0};

  bool& is_masked(Size t, Size s) { return masked_[static_cast<std::size_t>(t * S.keys + s)]; }
  void run() { test::run<S>(arrays, scale, mask, dropout); }

  template <bool Exact>
  AttentionArrays<T> expected() {
    AttentionArrays<T> found = arrays;
    AttentionReference<S, Exact, T>(found, scale, mask, dropout).run();
    return found;
  }

  /// The same in double, and what is true there.
  AttentionArrays<double> truth() {
    AttentionArrays<double> wide(S);
    const auto copy = [](std::vector<double>& to, const std::vector<T>& from) {
      std::copy(from.begin(), from.end(), to.begin());
    };
    copy(wide.q, arrays.q);
    copy(wide.k, arrays.k);
    copy(wide.v, arrays.v);
    copy(wide.cotangent, arrays.cotangent);
    const std::vector<double> bias(bias_.begin(), bias_.end());
    AttentionMask<double> same;
    same.mask = mask.mask;
    same.mask_row = mask.mask_row;
    same.mask_column = mask.mask_column;
    same.excluded = mask.excluded;
    same.fill = static_cast<double>(mask.fill);
    same.bias = bias.data();
    same.bias_row = mask.bias_row;
    same.bias_column = mask.bias_column;
    AttentionReference<S, false, double>(wide, static_cast<double>(scale), same, dropout).run();
    return wide;
  }

 private:
  static constexpr auto scores = static_cast<std::size_t>(std::max(S.queries * S.keys, Size{1}));

  T draw() { return static_cast<T>(engine_() >> 40) * static_cast<T>(0x1p-23) - 1; }

  std::unique_ptr<bool[]> masked_;
  std::vector<T> bias_;
};

/// The largest error in the rows of x, as part of their largest number; infinite where something was written
/// between the rows.
template <class T>
double error_in_rows(const std::vector<T>& x, const std::vector<double>& truth, Size width, Size row,
                     T between) {
  double error = 0;
  double magnitude = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (static_cast<Size>(i) % row >= width) {
      if (x[i] != between) error = std::numeric_limits<double>::infinity();
    } else if (x[i] != static_cast<T>(truth[i])) {  // -inf may be right
      error = std::max(error, std::abs(static_cast<double>(x[i]) - truth[i]));
      magnitude = std::max(magnitude, std::abs(truth[i]));
    }
  }
  return error == 0 ? 0 : error / magnitude;
}

double largest_error = 0;  ///< in units of the last place of the largest number

template <AttentionShape S, class T = float>
void check(const Options<T>& options = {}) {
  INFO(S.queries << " queries, " << S.keys << " keys, width " << S.width << ", values " << S.value_width);
  Attended<S, T> attended(options);
  const AttentionArrays<T> expected = attended.template expected<true>();
  const AttentionArrays<double> truth = attended.truth();
  attended.run();
  const AttentionArrays<T>& found = attended.arrays;
  CHECK(found.result == expected.result);
  CHECK(found.log_sum_exp == expected.log_sum_exp);
  CHECK(found.dq == expected.dq);
  CHECK(found.dk == expected.dk);
  CHECK(found.dv == expected.dv);
  constexpr double unit = static_cast<double>(std::numeric_limits<T>::epsilon());
  constexpr T between = Attended<S, T>::untouched;
  const double errors[] = {error_in_rows(found.result, truth.result, S.value_width, S.value_row, between),
                           error_in_rows(found.log_sum_exp, truth.log_sum_exp, 1, 1, between),
                           error_in_rows(found.dq, truth.dq, S.width, S.row, between),
                           error_in_rows(found.dk, truth.dk, S.width, S.row, between),
                           error_in_rows(found.dv, truth.dv, S.value_width, S.value_row, between)};
  for (const double error : errors) {
    CHECK(error < 32 * unit);
    largest_error = std::max(largest_error, error / unit);
  }
}

/// Rows farther apart than they are wide, unless there is one head.
constexpr AttentionShape shape(Size queries, Size keys, Size width, Size value_width) {
  return {queries, keys, width, value_width, width + 3, value_width + 5};
}

constexpr AttentionShape causal(AttentionShape s) {
  s.causal = true;
  return s;
}
constexpr AttentionShape masked(AttentionShape s) {
  s.masked = true;
  return s;
}
constexpr AttentionShape biased(AttentionShape s) {
  s.biased = true;
  return s;
}
constexpr AttentionShape dropped(AttentionShape s) {
  s.threshold = 0x50000000;
  return s;
}

constexpr double no_fill = -2;

bool is_nan(float x) { return std::isnan(x); }

}  // namespace

TEST_CASE("attention of any lengths and widths is true, and its sums have a fixed order", "[kernels]") {
  check<shape(1, 1, 1, 1)>();
  check<causal(shape(17, 40, 16, 16))>();
  check<shape(40, 7, 32, 64)>();
  check<causal(shape(39, 17, 5, 48))>();
  check<shape(0, 3, 2, 2)>();
  std::printf("figure: attention within %.1f units of the last place of its largest number (bar 32)\n",
              largest_error);
}

TEST_CASE("attention with masks, biases and dropout is true, and its sums have a fixed order", "[kernels]") {
  check<masked(shape(5, 3, 17, 5))>();
  check<masked(dropped(shape(33, 37, 32, 32)))>({.excluded = true, .mask_repeats = true});
  check<causal(biased(masked(shape(36, 35, 64, 17))))>({.excluded = true});
  check<causal(masked(dropped(shape(19, 22, 16, 20))))>({.fill = static_cast<float>(no_fill)});
  check<causal(masked(biased(dropped(shape(19, 22, 17, 9))))), double>(
      {.fill = no_fill, .bias_repeats = true});
}

TEST_CASE("attention over several blocks of keys is true, and its sums have a fixed order", "[kernels]") {
  check<biased(masked(shape(35, 600, 16, 24)))>({.fill = static_cast<float>(no_fill), .bias_repeats = true});
  check<causal(shape(300, 310, 16, 16))>();
  check<dropped(shape(3, 1100, 16, 5))>();
  check<shape(18, 530, 16, 17), double>();
}

TEST_CASE("a query that sees no key gives 0 and -inf, and takes no part in any gradient", "[kernels]") {
  constexpr AttentionShape s = masked(shape(34, 21, 16, 16));
  Attended<s, float> attended;
  for (const Size t : {Size{0}, Size{20}, Size{33}}) {
    for (Size key = 0; key < s.keys; ++key) attended.is_masked(t, key) = false;
    attended.arrays.cotangent[static_cast<std::size_t>(t * s.value_row)] = 1e30F;
  }
  attended.run();
  const AttentionArrays<float>& x = attended.arrays;
  for (const Size t : {Size{0}, Size{20}, Size{33}}) {
    CHECK(x.log_sum_exp[static_cast<std::size_t>(t)] == -std::numeric_limits<float>::infinity());
    for (Size c = 0; c < 16; ++c) {
      CHECK(x.result[static_cast<std::size_t>(t * s.value_row + c)] == 0);
      CHECK(x.dq[static_cast<std::size_t>(t * s.row + c)] == 0);
    }
  }
  for (const auto* numbers : {&x.dk, &x.dv, &x.dq}) {
    for (const float number : *numbers) CHECK(std::abs(number) < 1e3F);
  }
}

TEST_CASE("NaN among the scores of a query makes NaN of its result, wherever it comes", "[kernels]") {
  constexpr AttentionShape s = shape(18, 300, 16, 16);
  for (const Size key : {Size{0}, Size{1}, Size{158}, Size{255}, Size{256}, Size{299}}) {
    Attended<s, float> attended;
    const AttentionArrays<float> before = attended.expected<true>();
    attended.arrays.q[static_cast<std::size_t>(3 * s.row + 2)] = std::nanf("");
    attended.run();
    CHECK(is_nan(attended.arrays.log_sum_exp[3]));
    CHECK(is_nan(attended.arrays.result[static_cast<std::size_t>(3 * s.value_row + 15)]));
    CHECK(attended.arrays.log_sum_exp[2] == before.log_sum_exp[2]);
    CHECK(is_nan(attended.arrays.dk[5]));

    Attended<s, float> of_key;
    of_key.arrays.k[static_cast<std::size_t>(key * s.row + 7)] = std::nanf("5");
    of_key.run();
    for (Size t = 0; t < s.queries; ++t) {
      CHECK(is_nan(of_key.arrays.log_sum_exp[static_cast<std::size_t>(t)]));
      CHECK(is_nan(of_key.arrays.result[static_cast<std::size_t>(t * s.value_row)]));
      CHECK(is_nan(of_key.arrays.dq[static_cast<std::size_t>(t * s.row)]));
    }
  }
}

}  // namespace ctgrad::test
