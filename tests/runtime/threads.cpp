#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/numbers_of.hpp>

#include <atomic>
#include <thread>

/// What threads may do with programs and parameters. The thread sanitizer looks at these tests as well.
namespace {

using namespace ctgrad;
using test::numbers_of;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (nn::Linear<8, 16>, hidden), (nn::Linear<16, 4>, head));
  constexpr auto operator()(auto x) const { return head(tanh(hidden(x))); }
};
constexpr auto loss = [](const auto& model, auto x) { return mean(square(model(x))); };
using Rows = Tensor<8, 8>;
using Step = Program<value_and_grad(loss), Model, Rows>;

/// A sum that takes long enough to be met while it runs.
constexpr auto long_sum = [](auto x) { return sum(matmul(matmul(x, x), x)); };
using LongSum = Program<long_sum, Tensor<256, 256>>;

xt::xtensor<float, 2> rows(std::size_t thread) {
  xt::xtensor<float, 2> x = xt::zeros<float>({8, 8});
  Random random{Seed{thread}};
  for (float& number : x) number = static_cast<float>(random.normal());
  return x;
}

/// Runs work(number of the thread) in so many threads at once.
template <class Work>
void in_threads(std::size_t count, Work work) {
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < count; ++thread) threads.emplace_back([=] { work(thread); });
}

}  // namespace

TEST_CASE("programs in several threads that share constant parameters give the bits of one thread") {
  const Parameters<Model> parameters{Seed{1}};
  std::array<std::vector<float>, 4> alone, together;
  Step step;
  for (std::size_t i = 0; i < alone.size(); ++i) alone[i] = numbers_of(step(parameters, rows(i)));
  in_threads(together.size(), [&](std::size_t thread) {
    Step own;
    for (int i = 0; i < 20; ++i) together[thread] = numbers_of(own(parameters, rows(thread)));
  });
  CHECK(together == alone);
}

TEST_CASE("copies of a program run in threads of their own, and results go from one to another") {
  const Parameters<Model> parameters{Seed{1}};
  Step step;
  step.run(parameters, rows(7));
  std::atomic<int> wrong{0};
  std::array<std::vector<float>, 3> before, after;
  for (std::size_t i = 0; i < before.size(); ++i) before[i] = numbers_of(Step(step)(parameters, rows(i)));
  in_threads(after.size(), [&](std::size_t thread) {
    Step own = std::as_const(step);
    wrong += numbers_of(std::as_const(step).result()) == numbers_of(own.result()) ? 0 : 1;
    for (int i = 0; i < 20; ++i) {
      auto result = own(parameters, rows(thread));
      std::jthread reader([&, held = std::move(result)] { after[thread] = numbers_of(held); });
      own.run(parameters, rows(thread + 1));
    }
  });
  CHECK(after == before);
  CHECK(wrong == 0);
}

TEST_CASE("a program that runs in one thread refuses another, and goes on undisturbed") {
  LongSum shared;
  const xt::xtensor<float, 2> x = xt::ones<float>({256, 256}) * 0.25F;
  const float expected = LongSum{}(x);
  std::atomic<int> refused{0}, wrong{0}, done{0};
  in_threads(3, [&](std::size_t) {
    while (done < 3 || (refused == 0 && done < 5000)) {
      try {
        const float sum = shared(x);
        if (sum != expected) ++wrong;
        ++done;
      } catch (const std::logic_error& error) {
        if (std::string(error.what()).find("already running in another thread") == std::string::npos) ++wrong;
        ++refused;
      }
    }
  });
  CHECK(refused > 0);
  CHECK(wrong == 0);
  CHECK(shared(x) == expected);
}

TEST_CASE("a run that throws leaves the program free for the next") {
  constexpr auto rows_of = [](auto table, auto ids) { return embedding(table, ids); };
  Program<rows_of, Tensor<4, 2>, Index<2>> program;
  const xt::xtensor<float, 2> table = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
  const xt::xtensor<std::int32_t, 1> ids = {1, 3}, bad = {1, 4};
  const auto before = program(table, ids);
  CHECK_THROWS_AS(program(table, bad), std::out_of_range);
  CHECK_THROWS_AS(program(xt::xtensor<float, 2>{{1, 2}}, ids), std::invalid_argument);
  CHECK((program.result() == before));
  CHECK((program(table, ids) == before));
}
