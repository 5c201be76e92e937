#include <ctgrad/nn/linear.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/checkpoint.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <train/buffers.hpp>

/// Groups of parameters: rates and decays of their own, and frozen ones.
namespace {

using namespace ctgrad;
using test::bits;
using test::refusal;
using test::state_bits;

struct Model {
  using Layers = std::array<nn::Linear<3, 5>, 11>;
  using Head = nn::Linear<5, 2>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Layers, layers), (Head, head));
};

template <class S>
using Numbers = Parameters<Model, S>;

template <template <class> class O, class S>
O<S> made(const Numbers<S>& parameters, double learning_rate = 1e-2) {
  if constexpr (std::is_same_v<O<S>, Sgd<S>>)
    return Sgd{parameters, {.learning_rate = learning_rate, .momentum = 0.9}};
  else if constexpr (std::is_same_v<O<S>, Adam<S>>)
    return Adam{parameters, {.learning_rate = learning_rate}};
  else
    return AdamW{parameters, {.learning_rate = learning_rate, .weight_decay = 0.25}};
}

/// Normal numbers for all parameters, of a seed of the step's own; 0 between them, as in any gradient.
template <class S>
Numbers<S> gradients_of(std::uint64_t step) {
  Numbers<S> gradients{Seed{1}};
  for (const FlatEntry& entry : Numbers<S>::entries()) {
    const auto span = gradients.span(entry.name);
    std::ranges::copy(test::normal_numbers<S>(span.size(), 100 * step + entry.offset), span.begin());
  }
  return gradients;
}

template <class O, class S>
void step(O& optimizer, Numbers<S>& parameters, MaxNorm max_norm = {}) {
  optimizer.update(parameters, gradients_of<S>(optimizer.steps() + 1), max_norm);
}

template <class S>
bool equal(const Numbers<S>& a, const Numbers<S>& b, const std::string& name) {
  return bits<S>(a.span(name)) == bits<S>(b.span(name));
}

const std::vector<ParameterGroup> groups{{.parameters = "head", .rate_factor = 0.3},
                                         {.parameters = "layers.1", .frozen = true}};

template <template <class> class O, class S>
void check_one_group() {
  Numbers<S> plain{Seed{1}}, grouped{Seed{1}};
  auto expected = made<O>(plain), optimizer = made<O>(grouped);
  optimizer.set_groups({{.parameters = ""}});
  for (int i = 0; i < 10; ++i) {
    step(expected, plain, MaxNorm{2});
    step(optimizer, grouped, MaxNorm{2});
  }
  CHECK(bits<S>(std::as_const(grouped).flat()) == bits<S>(std::as_const(plain).flat()));
  CHECK(state_bits(optimizer) == state_bits(expected));
}

/// A number follows from its own gradients alone, so every group goes as the whole of a model does.
template <template <class> class O, class S>
void check_rates() {
  const Numbers<S> before{Seed{1}};
  Numbers<S> grouped = before, plain = before, slow = before;
  auto optimizer = made<O>(grouped), own = made<O>(plain), third = made<O>(slow, 0.3 * 1e-2);
  optimizer.set_groups(groups);
  for (int i = 0; i < 10; ++i) {
    if (i == 5) {  // as a schedule does
      optimizer.set_learning_rate(1e-3);
      own.set_learning_rate(1e-3);
      third.set_learning_rate(0.3 * 1e-3);
    }
    step(optimizer, grouped);
    step(own, plain);
    step(third, slow);
  }
  for (const std::string part : {".weight", ".bias"}) {
    CHECK(equal(grouped, slow, "head" + part));
    CHECK(equal(grouped, before, "layers.1" + part));
    CHECK_FALSE(equal(plain, before, "layers.1" + part));
    for (const std::string others : {"layers.0", "layers.10"}) CHECK(equal(grouped, plain, others + part));
  }
  for (const auto& buffer : optimizer.state()) {
    const auto* entry = &Numbers<S>::entries()[2];
    REQUIRE(entry->name == "layers.1.weight");
    const auto frozen = buffer.numbers.subspan(entry->offset, static_cast<std::size_t>(entry->shape.size()));
    CHECK(std::ranges::all_of(frozen, [](S number) { return number == 0; }));
  }
}

template <class S, class O>
std::string refused(O& optimizer, const ParameterGroup& group) {
  return refusal<std::invalid_argument>([&] { optimizer.set_groups({group}); });
}

}  // namespace

TEMPLATE_TEST_CASE("with everything in one group an optimiser is what it was, bit for bit", "[optimizer]",
                   float, double) {
  check_one_group<Sgd, TestType>();
  check_one_group<Adam, TestType>();
  check_one_group<AdamW, TestType>();
}

TEMPLATE_TEST_CASE("groups have their rates, also as these change, and frozen parameters stay", "[optimizer]",
                   float, double) {
  check_rates<Sgd, TestType>();
  check_rates<Adam, TestType>();
  check_rates<AdamW, TestType>();
}

TEST_CASE("a group's decay takes all of its parameters, those of no group decay as before", "[optimizer]") {
  Numbers<double> parameters{Seed{1}};
  for (double& number : parameters.flat()) number = 1;
  AdamW adam{parameters, {.learning_rate = 0.5, .weight_decay = 0.25}};
  adam.set_groups({{.parameters = "head", .rate_factor = 0.5, .weight_decay = 1},
                   {.parameters = [](const FlatEntry& entry) { return entry.name == "layers.3.weight"; },
                    .weight_decay = 0}});
  adam.update(parameters.flat(), std::vector<double>(parameters.size()));
  const auto first = [&](const char* name) { return parameters.span(name)[0]; };
  CHECK(first("head.weight") == 0.75);
  CHECK(first("head.bias") == 0.75);
  CHECK(first("layers.3.weight") == 1);
  CHECK(first("layers.2.weight") == 0.875);
  CHECK(first("layers.2.bias") == 1);
}

TEST_CASE("gradients are clipped by the norm of those that move something", "[optimizer]") {
  Numbers<double> parameters{Seed{1}};
  const Numbers<double> before = parameters;
  Sgd sgd{parameters, {.learning_rate = 1}};
  sgd.set_groups({{.parameters = "layers", .frozen = true}});
  Numbers<double> gradients{Seed{2}};
  std::ranges::fill(gradients.flat(), 0.0);
  std::ranges::fill(gradients.span("layers.4.weight"), 1e200);
  gradients.span("head.weight")[3] = 30;
  gradients.span("head.bias")[1] = 40;
  sgd.update(parameters, gradients, MaxNorm{5});
  CHECK(parameters.span("head.weight")[3] == before.span("head.weight")[3] - 3);
  CHECK(parameters.span("head.bias")[1] == before.span("head.bias")[1] - 4);
  CHECK(equal(parameters, before, "layers.4.weight"));
}

TEST_CASE("a run with groups goes on from its checkpoint, bit for bit", "[optimizer]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "run.safetensors";
  Numbers<float> whole{Seed{1}}, resumed{Seed{2}};
  AdamW adam = made<AdamW>(whole), later = made<AdamW>(resumed, 1);
  adam.set_groups(groups);
  for (int i = 0; i < 5; ++i) step(adam, whole);
  save_checkpoint(path, whole, adam, {.step = 5});
  load_checkpoint(path, resumed, later);
  later.set_groups(groups);
  for (int i = 0; i < 5; ++i) {
    step(adam, whole);
    step(later, resumed);
  }
  CHECK(bits<float>(std::as_const(resumed).flat()) == bits<float>(std::as_const(whole).flat()));
  CHECK(state_bits(later) == state_bits(adam));
}

TEST_CASE("groups can be taken back, and a step by groups allocates nothing", "[optimizer]") {
  Numbers<float> parameters{Seed{1}};
  const Numbers<float> before = parameters;
  const auto gradients = gradients_of<float>(1);
  AdamW adam = made<AdamW>(parameters);
  adam.set_groups(groups);
  const std::size_t allocations = test::allocations();
  adam.update(parameters, gradients, MaxNorm{1});
  CHECK(test::allocations() == allocations);
  CHECK(equal(parameters, before, "layers.1.weight"));
  adam.set_groups({});
  adam.update(parameters, gradients);
  CHECK_FALSE(equal(parameters, before, "layers.1.weight"));
}

TEST_CASE("groups that choose nothing or too much, or hold what no group may, are refused", "[optimizer]") {
  Numbers<float> parameters{Seed{1}};
  const Numbers<float> before = parameters;
  AdamW adam = made<AdamW>(parameters);
  adam.set_groups({{.parameters = "", .frozen = true}});
  CHECK_THAT(refused<float>(adam, {.parameters = "haed"}),
             Catch::StartsWith("AdamW: groups[0]: expected a parameter 'haed', or some below it, got only "
                               "'layers.0.weight', 'layers.0.bias', 'layers.1.weight'") &&
                 Catch::EndsWith("and 4 more"));
  CHECK_THAT(refused<float>(adam, {.parameters = "layers.1.weigh"}), Catch::Contains("'layers.1.weigh'"));
  CHECK_THAT(refused<float>(adam, {.parameters = [](const FlatEntry&) { return false; }}),
             Catch::StartsWith("AdamW: groups[0]: expected a parameter that its function chooses, got only"));
  CHECK(refusal<std::invalid_argument>([&] {
          adam.set_groups({{.parameters = "layers"}, {.parameters = "layers.10.bias"}});
        }) ==
        "AdamW: groups[1]: expected parameters of no other group, got 'layers.10.bias', which is of "
        "groups[0]");
  CHECK(refused<float>(adam, {.parameters = "head", .rate_factor = -1}) ==
        "AdamW: groups[0]: rate_factor: expected a finite number of at least 0, got -1");
  CHECK(refused<float>(adam, {.parameters = "head", .weight_decay = test::infinity}) ==
        "AdamW: groups[0]: weight_decay: expected a finite number of at least 0, got inf");
  CHECK(
      refused<float>(adam, {.parameters = "head", .weight_decay = 1e300}) ==
      "AdamW: groups[0]: weight_decay: expected a finite number of at least 0, got 1e+300, which is infinite "
      "as a float");
  Sgd sgd = made<Sgd>(parameters);
  CHECK(refused<float>(sgd, {.parameters = "head", .weight_decay = 0.1}) ==
        "Sgd: groups[0]: weight_decay: expected none, as Sgd has no decay (AdamW has), got 0.1");
  Adam<float> bare(8);
  CHECK(refused<float>(bare, {.parameters = "head"}) ==
        "Adam: groups: expected an optimiser of a model's parameters, got one of bare numbers, which have no "
        "names");

  step(adam, parameters);  // frozen, as before
  CHECK(bits<float>(std::as_const(parameters).flat()) == bits<float>(before.flat()));

  adam.set_groups({{.parameters = "head", .rate_factor = 1e300}});
  CHECK_THAT(refusal<NonFiniteNumber>([&] { step(adam, parameters); }),
             Catch::StartsWith("step 2: learning_rate / (1 - beta1^t): expected a finite number, got 5.26"));
  CHECK(bits<float>(std::as_const(parameters).flat()) == bits<float>(before.flat()));
}
