#include <ctgrad/train.hpp>

#include <support/catch.hpp>
#include <support/optimizers.hpp>
#include <support/temporary_folder.hpp>
#include <support/thread_ranks.hpp>

#include <limits>

/// Optimisers whose steps ranks share, which are threads here, take the same steps, bit for bit; what is
/// refused at one is refused at all; and the first one writes checkpoints that do not tell how many there
/// were. The thread sanitizer looks at these tests as well.
namespace {

using namespace ctgrad;
using Numbers = std::vector<float>;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (nn::Linear<61, 50>, hidden), (nn::Linear<50, 57>, head));
};

Numbers copy(std::span<const float> numbers) { return {numbers.begin(), numbers.end()}; }

/// Gradients of a step.
State<Model> gradients_of(std::uint64_t step) {
  State<Model> gradients;
  Random random{Seed{test::seed()}, step};
  for (float& number : gradients.flat()) number = static_cast<float>(random.normal());
  return gradients;
}

/// The same, where a rank has those of its slice alone.
State<Model> own_gradients(std::uint64_t step, const Ranks& ranks) {
  State<Model> gradients = gradients_of(step);
  const auto own = runtime::slice_of_rank(gradients.flat().size(), ranks.rank(), ranks.size());
  for (std::size_t i = 0; i < gradients.flat().size(); ++i) {
    if (i < own.begin || i >= own.end) gradients.flat()[i] = std::numeric_limits<float>::quiet_NaN();
  }
  return gradients;
}

/// The parameters after steps [first, last).
template <class Optimizer>
void take_steps(Parameters<Model>& parameters, Optimizer& optimizer, std::uint64_t first, std::uint64_t last,
                MaxNorm max_norm, const Ranks& ranks = {}) {
  for (std::uint64_t step = first; step < last; ++step)
    optimizer.update(parameters, own_gradients(step, ranks), max_norm);
}

template <class Make>
void check_bits(const Make& make) {
  for (const MaxNorm max_norm : {MaxNorm{}, MaxNorm{3}}) {
    Parameters<Model> alone{Seed{1}};
    auto optimizer = make(alone);
    take_steps(alone, optimizer, 0, 5, max_norm);
    for (const std::size_t size : {1u, 2u, 3u, 4u, 20u}) {
      std::vector<Numbers> got(size);
      test::run_ranks(size, [&](const Ranks& ranks, const test::ThreadTransport&) {
        Parameters<Model> parameters{Seed{1}};
        auto shared = make(parameters);
        shared.set_ranks(ranks);
        take_steps(parameters, shared, 0, 5, max_norm, ranks);
        got[ranks.rank()] = copy(parameters.flat());
      });
      INFO(size << " ranks, " << optimizer.name());
      for (const Numbers& numbers : got) CHECK(numbers == copy(alone.flat()));
    }
  }
}

}  // namespace

TEST_CASE("steps shared by ranks have the bits of a single rank's") {
  test::for_each_optimizer([](const auto& make) { check_bits(make); });
}

TEST_CASE("a checkpoint of ranks is that of a single rank, and any number of them goes on from it") {
  const test::TemporaryFolder folder;
  constexpr std::size_t most = 1 << 20;
  const auto path = [&](std::size_t size) { return folder / std::to_string(size); };
  const auto go_on = [&](const Ranks& ranks, std::size_t from) {
    Parameters<Model> parameters{Seed{7 + ranks.rank()}};
    Adam adam{parameters};
    if (ranks.is_first()) load_checkpoint(path(from), parameters, adam);
    broadcast(ranks, parameters, adam);
    adam.set_ranks(ranks);
    take_steps(parameters, adam, 3, 6, MaxNorm{2}, ranks);
    return copy(parameters.flat());
  };
  for (const std::size_t size : {1u, 2u, 3u}) {
    test::run_ranks(size, [&](const Ranks& ranks, const test::ThreadTransport&) {
      Parameters<Model> parameters{Seed{1}};
      Adam adam{parameters, {.learning_rate = 2e-3}};
      adam.set_ranks(ranks);
      take_steps(parameters, adam, 0, 3, MaxNorm{2}, ranks);
      adam.gather_state();
      if (ranks.is_first()) save_checkpoint(path(size), parameters, adam, {.step = 3});
    });
    CHECK(io::read_file(path(size), most) == io::read_file(path(1), most));
    const Numbers expected = go_on(Ranks(), 1);
    std::vector<Numbers> got(size);
    test::run_ranks(size, [&](const Ranks& ranks, const test::ThreadTransport&) {
      got[ranks.rank()] = go_on(ranks, size);
    });
    for (const Numbers& numbers : got) CHECK(numbers == expected);
  }
}

TEST_CASE("a rank that remembers its slice alone writes no checkpoint") {
  const test::TemporaryFolder folder;
  std::vector<std::string> messages(2);
  test::run_ranks(2, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Parameters<Model> parameters{Seed{1}};
    Adam adam{parameters};
    adam.set_ranks(ranks);
    const auto save = [&] { save_checkpoint(folder / std::to_string(ranks.rank()), parameters, adam, {}); };
    save();  // no step yet: all is known everywhere
    take_steps(parameters, adam, 0, 1, {}, ranks);
    adam.gather_state();
    if (ranks.is_first()) save();
    take_steps(parameters, adam, 1, 2, {}, ranks);
    try {
      save();
    } catch (const std::logic_error& error) {
      messages[ranks.rank()] = error.what();
    }
  });
  for (const std::string& message : messages)
    CHECK(message ==
          "checkpoint: optimizer: expected all that it remembers, got that of one rank: let all ranks call "
          "gather_state() first, and the first one write");
}

TEST_CASE("what is not finite at one rank is refused at all of them, and changes nothing") {
  std::vector<std::string> messages(3);
  std::vector<Numbers> got(3);
  test::run_ranks(3, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Parameters<Model> parameters{Seed{1}};
    Adam adam{parameters};
    adam.set_ranks(ranks);
    State<Model> gradients = own_gradients(0, ranks);
    if (ranks.rank() == 2) gradients["head.bias"](2) = std::numeric_limits<float>::infinity();
    try {
      adam.update(parameters, gradients);
    } catch (const RankError& error) {
      messages[ranks.rank()] = error.what();
    } catch (const NonFiniteGradient& error) {
      messages[ranks.rank()] = std::string("own: ") + error.what();
    }
    if (adam.steps() != 0) messages[ranks.rank()] = "took a step";
    got[ranks.rank()] = copy(parameters.flat());
    adam.update(parameters, own_gradients(0, ranks));  // they go on together
    adam.set_learning_rate(3e38);                      // which all refuse: none of them is left behind
    try {
      adam.update(parameters, own_gradients(0, ranks));
    } catch (const NonFiniteNumber&) {
      if (ranks.have_left()) return;
    }
    messages[ranks.rank()] = "left alone";
  });
  const std::string message = "step 1: gradient[5986] of head.bias: expected a finite number, got inf";
  CHECK(messages[0] == "rank 2: " + message);
  CHECK(messages[1] == messages[0]);
  CHECK(messages[2] == "own: " + message);
  const Parameters<Model> before{Seed{1}};
  for (const Numbers& numbers : got) CHECK(numbers == copy(before.flat()));
}

TEST_CASE("gradients in slices are refused by an optimiser without ranks") {
  constexpr auto loss = [](const auto& model, auto x) { return mean(square(model.head(model.hidden(x)))); };
  using Step = ShardedProgram<4, value_and_grad(loss), Model, Tensor<8, 61>>;
  const auto x = xt::eval(xt::ones<float>({8, 61}));
  std::vector<std::string> messages(2);
  std::vector<Numbers> got(2);
  test::run_ranks(2, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Parameters<Model> parameters{Seed{1}};
    Step step{Team{1}, ranks, RankGradients::sliced};
    Adam alone{parameters}, shared{parameters};
    shared.set_ranks(ranks);
    try {
      alone.update(parameters, step(parameters, x));
    } catch (const std::invalid_argument& error) {
      messages[ranks.rank()] = error.what();
    }
    for (int i = 0; i < 3; ++i) {
      const auto held = step(parameters, x);
      shared.update(parameters, step(parameters, x));
    }
    got[ranks.rank()] = copy(parameters.flat());
  });
  for (const std::string& message : messages)
    CHECK(message ==
          "Adam: gradients: expected those of all parameters, got another slice of them: set_ranks with the "
          "ranks of the program, or give the program RankGradients::whole");
  Parameters<Model> parameters{Seed{1}};
  Step step{Team{1}};
  Adam adam{parameters};
  for (int i = 0; i < 3; ++i) adam.update(parameters, step(parameters, x));
  for (const Numbers& numbers : got) CHECK(numbers == copy(parameters.flat()));
}

TEST_CASE("a loop stops at all ranks where one is asked to") {
  struct Nothing {
    int next() { return 0; }
  };
  std::vector<LoopResult> results(3);
  test::run_ranks(3, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Nothing batches;
    int steps = 0;
    results[ranks.rank()] = run_training(
        {.steps = 10, .ranks = ranks}, batches, [&](int) { return static_cast<double>(++steps); },
        [](const LoopReport&) { return 0.0; }, NothingMore{},
        [&] { return ranks.rank() == 1 && steps == 4; });
  });
  for (const LoopResult& result : results) {
    CHECK(result.steps == 4);
    CHECK(result.stopped);
  }
}

TEST_CASE("ranks take a step by the same options, losses and parameters, or all refuse it") {
  const auto message_of = [](const auto& make_different) {
    std::vector<std::string> messages(3);
    test::run_ranks(3, [&](const Ranks& ranks, const test::ThreadTransport&) {
      Parameters<Model> parameters{Seed{1}};
      AdamW adam{parameters};
      adam.set_ranks(ranks);
      struct Loss {
        double value;
        State<Model> gradients;
      } loss{2.5, own_gradients(0, ranks)};
      MaxNorm max_norm{2};
      for (const bool is_first : {true, false}) {
        if (ranks.rank() == 1) make_different(parameters, adam, loss, max_norm, is_first);
        const Numbers before = copy(parameters.flat());
        try {
          adam.update(parameters, loss, max_norm);
        } catch (const std::invalid_argument& error) {
          messages[ranks.rank()] = error.what();
          if (copy(parameters.flat()) != before) messages[ranks.rank()] = "took a step";
          return;
        }
      }
    });
    CHECK(messages[1] == messages[0]);
    CHECK(messages[2] == messages[0]);
    return messages[0];
  };
  const std::string same = ": expected the same at all ranks, got ";
  CHECK(message_of([](auto&, auto&, auto&, auto&, bool) {}).empty());
  for (const bool at_first : {true, false}) {
    const auto at = [&](bool is_first) { return is_first == at_first; };
    CHECK(message_of([&](auto&, auto& adam, auto&, auto&, bool is_first) {
            if (at(is_first)) adam.set_learning_rate(2e-3);
          }) == "AdamW: learning_rate" + same + "0.002 at rank 1, 0.001 at rank 0");
    CHECK(message_of([&](auto&, auto&, auto& loss, auto&, bool is_first) {
            if (at(is_first)) loss.value = 2.25;
          }) == "AdamW: loss" + same + "2.25 at rank 1, 2.5 at rank 0");
    CHECK(message_of([&](auto&, auto&, auto&, auto& max_norm, bool is_first) {
            if (at(is_first)) max_norm = MaxNorm{};
          }) == "AdamW: max_norm" + same + "inf at rank 1, 2 at rank 0");
    CHECK_THAT(message_of([&](auto&, auto& adam, auto&, auto&, bool is_first) {
                 if (at(is_first)) adam.set_groups({{.parameters = "head", .rate_factor = 2}});
               }),
               test::contains("AdamW: groups and decay, by a hash" + same));
  }
  CHECK_THAT(message_of([](auto& parameters, auto&, auto&, auto&, bool is_first) {
               if (is_first) parameters["head.bias"](0) += 1;
             }),
             test::contains("AdamW: parameters, by a hash" + same));
  CHECK(message_of([](auto&, auto& adam, auto&, auto&, bool is_first) {
          if (is_first) adam.restore_steps(3);
        }) == "AdamW: steps" + same + "3 at rank 1, 0 at rank 0");
  CHECK(message_of([](auto&, auto& adam, auto&, auto&, bool is_first) {
          if (!is_first) adam.restore_steps(1);
        }) == "AdamW: steps with these ranks" + same + "none at rank 1, some at rank 0");
}

TEST_CASE("an optimiser that remembers a rank's slice alone takes no other ranks") {
  std::vector<std::string> messages(2);
  test::run_ranks(2, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Parameters<Model> parameters{Seed{1}};
    Adam adam{parameters};
    adam.set_ranks(Ranks());
    adam.set_ranks(ranks);
    take_steps(parameters, adam, 0, 1, {}, ranks);
    try {
      adam.set_ranks(Ranks());
    } catch (const std::logic_error& error) {
      messages[ranks.rank()] = error.what();
    }
    take_steps(parameters, adam, 1, 2, {}, ranks);
  });
  for (const std::string& message : messages)
    CHECK(message ==
          "Adam: set_ranks: expected an optimiser that knows all it remembers, got one with a rank's slice: "
          "let "
          "it go on from a checkpoint of gather_state()");
}
