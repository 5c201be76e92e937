#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/optimizers.hpp>

#include <limits>

/// Optimisers whose steps a team shares take the same steps, bit for bit, and refuse what they refused
/// before. The thread sanitizer looks at these tests as well.
namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (nn::Linear<301, 150>, hidden), (nn::Linear<150, 157>, head));
};
/// So small that a team updates it only while it is awake.
struct SmallModel {
  BOOST_HANA_DEFINE_STRUCT(SmallModel, (nn::Linear<101, 60>, hidden), (nn::Linear<60, 17>, head));
};
using Numbers = std::vector<float>;

/// Gradients of a model that change from step to step.
template <class Model>
class Stream {
 public:
  const State<Model>& next() {
    for (float& number : gradients_.flat()) number = static_cast<float>(random_.normal());
    return gradients_;
  }

 private:
  Random random_{Seed{test::seed()}};
  State<Model> gradients_;
};

/// The parameters after some steps, with an optimiser that `make(parameters)` gives.
template <class Model, class Make>
Numbers after_steps(std::size_t threads, const Make& make, MaxNorm max_norm) {
  Parameters<Model> parameters{Seed{1}};
  auto optimizer = make(parameters);
  const Team team{threads};
  optimizer.set_team(team);
  Stream<Model> stream;
  for (int step = 0; step < 5; ++step) {
    const State<Model>& gradients = stream.next();
    team.for_each(threads, [](std::size_t) {});  // wakes it
    optimizer.update(parameters, gradients, max_norm);
  }
  return {parameters.flat().begin(), parameters.flat().end()};
}

template <class Make>
void check_bits(const Make& make) {
  for (const MaxNorm max_norm : {MaxNorm{}, MaxNorm{3}}) {
    const Numbers alone = after_steps<Model>(1, make, max_norm);
    const Numbers small = after_steps<SmallModel>(1, make, max_norm);
    for (const std::size_t threads : {2u, 3u, 8u}) {
      CHECK(after_steps<Model>(threads, make, max_norm) == alone);
      CHECK(after_steps<SmallModel>(threads, make, max_norm) == small);
    }
  }
}

}  // namespace

TEST_CASE("steps shared by a team have the bits of one thread's") {
  REQUIRE(Parameters<Model>::size() > 65536);
  test::for_each_optimizer([](const auto& make) { check_bits(make); });
}

TEST_CASE("what is not finite is refused by a team as by one thread, and changes nothing") {
  for (const std::size_t threads : {1u, 2u, 3u}) {
    Parameters<Model> parameters{Seed{1}};
    const Numbers before(parameters.flat().begin(), parameters.flat().end());
    Adam adam{parameters};
    adam.set_team(Team{threads});
    Stream<Model> stream;
    State<Model> gradients = stream.next();
    gradients["head.weight"](149, 3) = std::numeric_limits<float>::quiet_NaN();
    gradients["head.bias"](2) = std::numeric_limits<float>::infinity();
    CHECK_THROWS_WITH(adam.update(parameters, gradients),
                      test::contains("of head.weight: expected a finite number, got nan"));
    CHECK(adam.steps() == 0);
    CHECK(Numbers(parameters.flat().begin(), parameters.flat().end()) == before);
  }
}
