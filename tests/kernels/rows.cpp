#include <ctgrad/kernels/norm.hpp>

#include <support/catch.hpp>

#include <cstdio>
#include <random>
#include <vector>

/// Kernels over rows: their bits are those of 16 lanes and one tree, written out here number by number,
/// whatever the width of the vectors; and what they owe to rows of NaN and infinity.
namespace ctgrad::test {

namespace {

using kernels::block_turns;
using kernels::fused;
using kernels::longest_run;
using kernels::run_block;
using kernels::run_lanes;

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T nan = std::numeric_limits<T>::quiet_NaN();

template <class T>
using Row = std::vector<T>;

template <class T>
Row<T> draw(Size width, T from, T to) {
  static std::mt19937_64 engine(17);
  Row<T> row(static_cast<std::size_t>(width));
  for (T& number : row)
    number = from + (to - from) * (static_cast<T>(engine() >> 40) * static_cast<T>(0x1p-24));
  return row;
}

/// add(lane, number) for the numbers of [begin, end) in turn, and the sum of the lanes.
template <class T, class Add>
T sum_of_run(const Row<T>& x, std::size_t begin, std::size_t end, Add add) {
  T lanes[run_lanes] = {};
  for (std::size_t i = begin; i < end; ++i) {
    T& lane = lanes[(i - begin) % std::size_t{run_lanes}];
    lane = add(lane, x[i]);
  }
  for (Size half = run_lanes / 2; half > 0; half /= 2) {
    for (Size j = 0; j < half; ++j) lanes[j] += lanes[j + half];
  }
  return lanes[0];
}

/// The same of a row, by blocks where it is long.
template <class T, class Add>
T sum_by_lanes(const Row<T>& x, Add add) {
  if (x.size() <= std::size_t{longest_run}) return sum_of_run(x, 0, x.size(), add);
  double total = 0;
  for (std::size_t begin = 0; begin < x.size(); begin += std::size_t{run_block})
    total +=
        static_cast<double>(sum_of_run(x, begin, std::min(begin + std::size_t{run_block}, x.size()), add));
  return static_cast<T>(total);
}

constexpr auto plainly = [](auto sum, auto x) { return sum + x; };
constexpr auto squared = [](auto sum, auto x) { return fused(x, x, sum); };

template <class T>
T largest(const Row<T>& x) {
  T most = -infinity<T>;
  for (const T number : x) most = std::max(most, number);
  return most;
}

template <class T>
Row<T> exponentials(const Row<T>& x, T shift) {
  Row<T> y;
  for (const T number : x) y.push_back(kernels::exp_nonpositive(number - shift));
  return y;
}

template <class T>
Row<T> softmax_by_lanes(const Row<T>& x) {
  Row<T> y = exponentials(x, largest(x));
  const T scale = 1 / sum_by_lanes(y, plainly);
  for (T& number : y) number *= scale;
  return y;
}

template <class T>
Row<T> normalized_by_lanes(const Row<T>& x, double epsilon) {
  const auto width = static_cast<T>(x.size());
  const T mean = sum_by_lanes(x, plainly) / width;
  Row<T> distances;
  for (const T number : x) distances.push_back(number - mean);
  const T correction = sum_by_lanes(distances, plainly) / width;
  const T variance = fused(-correction, correction, sum_by_lanes(distances, squared) / width);
  const T inverse = 1 / std::sqrt((variance < 0 ? 0 : variance) + static_cast<T>(epsilon));
  Row<T> y;
  for (const T distance : distances) y.push_back((distance - correction) * inverse);
  return y;
}

/// The largest difference of two rows.
template <class T>
double distance(const Row<T>& a, const std::vector<double>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
  return most;
}

/// What softmax and normalisation of a row should be, and the log-sum-exp, in double.
struct InDouble {
  std::vector<double> softmax, normalized;
  double log_sum_exp;

  template <class T>
  explicit InDouble(const Row<T>& x) {
    double most = -infinity<double>, sum = 0, mean = 0, variance = 0;
    for (const T number : x) most = std::max(most, static_cast<double>(number));
    for (const T number : x) sum += std::exp(static_cast<double>(number) - most);
    for (const T number : x) mean += static_cast<double>(number) / static_cast<double>(x.size());
    for (const T number : x)
      variance += std::pow(static_cast<double>(number) - mean, 2) / static_cast<double>(x.size());
    for (const T number : x) {
      softmax.push_back(std::exp(static_cast<double>(number) - most) / sum);
      normalized.push_back((static_cast<double>(number) - mean) / std::sqrt(variance + 1e-3));
    }
    log_sum_exp = most + std::log(sum);
  }
};

std::uint64_t& all_bits() {
  static std::uint64_t bits = 0;
  return bits;
}

template <class T>
void take_bits(const Row<T>& row) {
  for (const T number : row)
    all_bits() = (all_bits() ^ std::bit_cast<typename kernels::Format<T>::Bits>(number)) * 0x100000001B3;
}

/// The last number may be read, but nothing behind it: the row ends where its memory does.
template <Size Width, class T>
void check_width() {
  INFO("width " << Width);
  const Row<T> x = draw<T>(Width, -4, 4);
  const double bar = 64 * static_cast<double>(std::numeric_limits<T>::epsilon());
  const InDouble exact(x);
  Row<T> softmax(x.size(), nan<T>), normalized = softmax, log_softmax = softmax, unit = softmax;

  kernels::softmax_row<Width>(softmax.data(), x.data());
  CHECK(softmax == softmax_by_lanes(x));
  CHECK(distance(softmax, exact.softmax) < bar);

  kernels::normalize_row<Width>(normalized.data(), x.data(), 1e-3);
  CHECK(normalized == normalized_by_lanes(x, 1e-3));
  CHECK(distance(normalized, exact.normalized) < bar * 4);

  const T most = kernels::row_max<Width>(x.data());
  const T log_sum = kernels::log(sum_by_lanes(exponentials(x, most), plainly));
  CHECK(most == largest(x));
  CHECK(kernels::row_sum<Width>(x.data()) == sum_by_lanes(x, plainly));
  CHECK(kernels::log_sum_exp_row<Width>(x.data()) == most + log_sum);
  CHECK(std::abs(static_cast<double>(kernels::log_sum_exp_row<Width>(x.data())) - exact.log_sum_exp) < bar);
  CHECK(kernels::norm_row<Width>(x.data()) == std::sqrt(sum_by_lanes(x, squared)));

  kernels::log_softmax_row<Width>(log_softmax.data(), x.data());
  kernels::unit_row<Width>(unit.data(), x.data());
  for (const Row<T>& row : {softmax, normalized, log_softmax, unit}) take_bits(row);
}

template <Size From, std::size_t... I>
void check_widths(std::index_sequence<I...>) {
  (check_width<From + static_cast<Size>(I), float>(), ...);
}

/// One number among others in every place of a row: what the maximum, softmax's sum and the log-sum-exp are.
template <Size Width, class T>
void check_number_anywhere(T number, T maximum, T log_sum_exp) {
  for (std::size_t i = 0; i < std::size_t{Width}; ++i) {
    Row<T> x = draw<T>(Width, 0, 1);
    x[i] = number;
    INFO(number << " at " << i << " of " << Width);
    const T found[] = {kernels::row_max<Width>(x.data()), kernels::log_sum_exp_row<Width>(x.data())};
    const T wanted[] = {maximum, log_sum_exp};
    for (int j = 0; j < 2; ++j)
      CHECK((found[j] == wanted[j] || (std::isnan(found[j]) && std::isnan(wanted[j]))));
  }
}

template <Size Width, class T>
void check_special_rows() {
  check_number_anywhere<Width, T>(nan<T>, nan<T>, nan<T>);
  check_number_anywhere<Width, T>(infinity<T>, infinity<T>, nan<T>);
  Row<T> x(Width, -infinity<T>), y(Width, nan<T>);
  INFO("width " << Width);
  kernels::softmax_row<Width>(y.data(), x.data());
  CHECK(y == Row<T>(Width, 0));
  CHECK(kernels::log_sum_exp_row<Width>(x.data()) == -infinity<T>);
  kernels::log_softmax_row<Width>(y.data(), x.data());
  CHECK(y == x);
  x.back() = 3;
  kernels::softmax_row<Width>(y.data(), x.data());
  CHECK(y.back() == 1);
  CHECK(sum_by_lanes(y, plainly) == 1);
  CHECK(kernels::log_sum_exp_row<Width>(x.data()) == 3);
  kernels::normalize_row<Width>(y.data(), x.data(), 1e-3);
  CHECK((Width == 1 || std::isnan(y.front())));
}

}  // namespace

TEST_CASE("rows of every width have the bits of sixteen lanes", "[kernels]") {
  check_widths<1>(std::make_index_sequence<40>{});
  check_width<100, float>();
  check_width<128, float>();
  check_width<171, float>();
  check_width<1024, float>();
  check_width<3, double>();
  check_width<29, double>();
  check_width<128, double>();
}

TEST_CASE("long rows are summed up in blocks", "[kernels]") {
  check_width<1025, float>();
  check_width<2600, float>();
  check_width<1536, double>();
}

TEST_CASE("rows with NaN and infinity anywhere, and rows of -inf alone", "[kernels]") {
  check_special_rows<1, float>();
  check_special_rows<5, float>();
  check_special_rows<33, float>();
  check_special_rows<200, float>();
  check_special_rows<1100, float>();
  check_special_rows<19, double>();
}

TEST_CASE("rows of equal numbers of any size are normalised to zeros", "[kernels]") {
  Row<float> y(37);
  for (const float number : {0.F, 1e-30F, 3.F, 1e30F, -3e38F}) {
    kernels::normalize_row<37>(y.data(), Row<float>(37, number).data(), 1e-5);
    for (const float found : y) CHECK(std::abs(found) < 1e-3F);
  }
  std::printf("bits: rows %016llx\n", static_cast<unsigned long long>(all_bits()));
}

}  // namespace ctgrad::test
