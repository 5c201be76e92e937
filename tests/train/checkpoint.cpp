#include "small_run.hpp"

#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/catch.hpp>

#include <limits>

using namespace ctgrad;
using test::SmallAdamRun;
using test::SmallModel;
using test::SmallRun;

namespace {

const RunState somewhere{.step = 7,
                         .seed = std::numeric_limits<std::uint64_t>::max(),
                         .position = 11,
                         .notes = {{"task", "reverse"}, {"", "no name"}}};

/// The message with which the checkpoint is refused; the run must then be as it was.
template <class Run>
std::string refusal(const std::filesystem::path& path, Run run) {
  const auto before = run.state();
  std::string message = "not refused";
  try {
    load_checkpoint(path, run.parameters, run.optimizer);
  } catch (const std::exception& error) {
    message = error.what();
  }
  CHECK(run.state() == before);
  return message;
}

}  // namespace

TEST_CASE("a run that is loaded goes on bit for bit", "[checkpoint]") {
  const test::TemporaryFolder folder;
  SmallAdamRun run(1), other(2);
  run.optimizer.set_learning_rate(0.125);
  run.take_steps(5);
  save_checkpoint(folder / "run", run.parameters, run.optimizer, somewhere);
  const RunState state = load_checkpoint(folder / "run", other.parameters, other.optimizer);
  CHECK(other.state() == run.state());
  CHECK(state.step == somewhere.step);
  CHECK(state.seed == somewhere.seed);
  CHECK(state.position == somewhere.position);
  CHECK(state.notes == somewhere.notes);
  other.random = run.random;
  run.take_steps(5);
  other.take_steps(5);
  CHECK(other.state() == run.state());
  CHECK(folder.names() == std::vector<std::string>{"run"});
}

TEMPLATE_TEST_CASE("every optimiser's state comes back, in its number type", "[checkpoint]", Adam<double>,
                   AdamW<double>, Sgd<double>) {
  const test::TemporaryFolder folder;
  SmallRun<TestType, SmallModel<1>, double> run(1), other(2);
  run.take_steps(3);
  save_checkpoint(folder / "run", run.parameters, run.optimizer, {});
  load_checkpoint(folder / "run", other.parameters, other.optimizer);
  CHECK(other.state() == run.state());
}

TEST_CASE("a checkpoint of another model, optimiser or number type is refused by its names", "[checkpoint]") {
  const test::TemporaryFolder folder;
  SmallAdamRun run(1);
  run.take_steps(2);
  const auto path = folder / "run";
  save_checkpoint(path, run.parameters, run.optimizer, somewhere);
  const std::string deeper = refusal(path, SmallRun<Adam<float>, SmallModel<3>>(2));
  CHECK_THAT(deeper, Catch::Contains(": 6 tensors do not fit"));
  for (const std::string place : {"parameters/", "optimizer/mean/", "optimizer/mean_square/"}) {
    CHECK_THAT(deeper, Catch::Contains("'layers.2.weight' from '" + place +
                                       "layers.2.weight': expected a tensor [2, 3], got none of this name"));
  }
  const std::string shallower = refusal(path, SmallRun<Adam<float>, SmallModel<1>>(2));
  CHECK_THAT(shallower, Catch::Contains(": 6 tensors do not fit"));
  CHECK_THAT(shallower,
             Catch::Contains("'optimizer/mean/layers.1.bias': expected no such tensor, got F32 [3]"));
  CHECK_THAT((refusal(path, SmallRun<Adam<double>, SmallModel<2>, double>(2))),
             Catch::Contains("'gain' from 'parameters/gain': expected F64, got F32"));
  CHECK(refusal(path, SmallRun<Sgd<float>, SmallModel<2>>(2)) ==
        path.string() + ": __metadata__: ctgrad.optimizer: expected 'Sgd', got 'Adam'");
  CHECK(refusal(path, SmallRun<AdamW<float>, SmallModel<2>>(2)) ==
        path.string() + ": __metadata__: ctgrad.optimizer: expected 'AdamW', got 'Adam'");
}

TEST_CASE("a file that is no checkpoint is refused", "[checkpoint]") {
  const test::TemporaryFolder folder;
  const SmallAdamRun run(1);
  const auto path = folder / "parameters";
  io::save_parameters(path, run.parameters);
  CHECK(refusal(path, run) == path.string() + ": __metadata__: ctgrad.checkpoint: expected '1', got none");
  io::save_parameters(path, run.parameters, {{"ctgrad.checkpoint", "2"}});
  CHECK(refusal(path, run) == path.string() + ": __metadata__: ctgrad.checkpoint: expected '1', got '2'");
  io::save_parameters(path, run.parameters, {{"ctgrad.checkpoint", "1"}, {"ctgrad.optimizer", "Adam"}});
  CHECK_THAT(refusal(path, run), Catch::Contains("'run/step': expected U64 [], got none of this name"));
  CHECK_THAT(refusal(folder / "missing", run), Catch::Contains("No such file"));
}

TEST_CASE("a checkpoint's parameters load as parameters", "[checkpoint]") {
  const test::TemporaryFolder folder;
  SmallAdamRun run(1), other(2);
  save_checkpoint(folder / "run", run.parameters, run.optimizer, somewhere);
  io::load_parameters(folder / "run", other.parameters, {}, {.prefix = "parameters/"});
  CHECK(std::ranges::equal(other.parameters.flat(), run.parameters.flat()));
}

TEST_CASE("what cannot be saved is refused, and the old checkpoint stays", "[checkpoint]") {
  const test::TemporaryFolder folder;
  SmallAdamRun run(1), other(2);
  const auto path = folder / "run";
  save_checkpoint(path, run.parameters, run.optimizer, somewhere);
  CHECK_THROWS_WITH(
      save_checkpoint(path, run.parameters, run.optimizer, {.notes = {{"ctgrad.optimizer", "x"}}}),
      "checkpoint: notes: expected names that do not begin with 'ctgrad.', got 'ctgrad.optimizer'");
  Adam<float> smaller(3);
  CHECK_THROWS_WITH(save_checkpoint(path, run.parameters, smaller, {}),
                    Catch::StartsWith("checkpoint: optimizer: expected ") && Catch::EndsWith(", got 3"));
  CHECK_THROWS_WITH(load_checkpoint(path, run.parameters, smaller), Catch::EndsWith(" numbers, got 3"));
  load_checkpoint(path, other.parameters, other.optimizer);
  CHECK(other.state() == run.state());
}
