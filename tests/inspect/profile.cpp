#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/profile.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

namespace ctgrad::test {

namespace {

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<5, 8>,  tokens),
    (nn::Linear<8, 8>,     first),
    (nn::Linear<8, 8>,     second),
    (nn::Linear<8, 5>,     head));

  constexpr auto operator()(auto ids) const { return head(relu(second(relu(first(tokens(ids)))))); }
};

constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
using Ids = Index<2, 3>;
using Step = Program<value_and_grad(loss), Model, Ids, Ids>;

const xt::xtensor<std::int32_t, 2> ids{{0, 3, 4}, {1, 1, 2}};
const xt::xtensor<std::int32_t, 2> targets{{3, 4, 0}, {1, 2, 1}};

/// A model in training, and its profile once it is profiled.
struct Training {
  Parameters<Model> parameters{Seed{1}};
  Step step;
  Adam<float> adam{parameters, {.learning_rate = 1e-2}};

  void update(const auto& result) { adam.update(parameters, result); }
  Profile profiled(int runs) {
    return profile(step, parameters, ids, targets)(runs, [&](const auto& result) { update(result); });
  }
};

/// One that no clock had a part in.
Profile made_up() {
  Profile profile;
  const CallCost product{7, 0, {"matmul", "add"}, "[2, 3] [3, 4] -> [2, 4]", 56, 104};
  const CallCost copy{9, 1, {"permute"}, "[2, 4] -> [4, 2]", 0, 64};
  profile.calls = {{product, 2e-6, 1e-6, 3e-6}, {copy, 1e-6, 3e-6, 4e-6}, {product, 3e-6, 4e-6, 7e-6}};
  profile.update = ProfiledCall{{-1, -1, {"update"}, "", 0, 0}, 1.5e-6, 7e-6, 9e-6};
  profile.step_seconds = 8e-6;
  profile.timed_seconds = 9e-6;
  profile.shown_seconds = 9e-6;
  profile.peak = 1e8;
  profile.runs = 4;
  return profile;
}

std::string message_of(const Profile& profile, const std::filesystem::path& path) {
  try {
    profile.write_trace(path);
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("a profile has every kernel call of a run, with what explain counts of it", "[profile]") {
  Training training;
  const Profile profile = training.profiled(2);
  REQUIRE(profile.calls.size() == Step::kernel_calls());
  const Explanation explained = explain(training.step);
  const Graph graph = Step::graph().thaw();
  const plan::Plan plan = plan::Planner(graph, sizeof(float)).build();
  const auto constants = static_cast<std::size_t>(plan.constants);
  REQUIRE(profile.calls.size() == plan.calls.size() - constants);
  Size flops = 0, bytes = 0;
  for (std::size_t i = 0; i < constants; ++i)  // explain counts these, which no run computes
    flops += cost_of(graph, plan.groups, plan.calls[i], sizeof(float)).flops;
  std::set<std::int32_t> numbers;
  for (std::size_t i = 0; i < profile.calls.size(); ++i) {
    const CallCost& cost = profile.calls[i].cost;
    CHECK(cost.node == plan.calls[constants + i].node);
    CHECK(cost.operations.back() == graph[cost.node].operation->name);
    flops += cost.flops;
    bytes += cost.bytes;
    numbers.insert(plan.calls[constants + i].kernel);
  }
  CHECK(flops == explained.plan().flops);
  CHECK(bytes == explained.plan().bytes);

  Size calls = 0;
  const std::vector<ProfiledKernel> kernels = profile.kernels();
  for (const ProfiledKernel& kernel : kernels) calls += kernel.calls;
  CHECK(kernels.size() == numbers.size() + 1);  // and the update
  CHECK(calls == explained.plan().kernel_calls + 1);
  CHECK(std::ssize(kernels) < calls);  // the two equal layers share kernels
}

TEST_CASE("a profiled run computes what an ordinary one computes, bit for bit", "[profile]") {
  Training profiled, ordinary;
  const Profile profile = profiled.profiled(3);
  CHECK(profile.runs == 3);
  CHECK(profile.steps > 2 * profile.runs);
  CHECK(profiled.adam.steps() == static_cast<std::uint64_t>(profile.steps));
  for (int i = 0; i < profile.steps; ++i) ordinary.update(ordinary.step(ordinary.parameters, ids, targets));
  CHECK(std::ranges::equal(profiled.parameters.flat(), ordinary.parameters.flat()));
  CHECK(profiled.step.result().value == ordinary.step.result().value);
  CHECK(profiled.step.result().value != Training().step(Training().parameters, ids, targets).value);
}

TEST_CASE("times are no less than 0, and all calls together no longer than the step", "[profile]") {
  Training training;
  const Profile profile = training.profiled(5);
  double sum = 0, last = 0;
  for (const ProfiledCall& call : profile.calls) {
    CHECK(call.seconds >= 0);
    CHECK(call.begin >= last);
    CHECK(call.end >= call.begin);
    sum += call.seconds;
    last = call.end;
  }
  REQUIRE(profile.update.has_value());
  CHECK(profile.update->seconds >= 0);
  CHECK(profile.update->begin >= last);
  CHECK(profile.update->end <= profile.shown_seconds);
  CHECK(profile.seconds() == Approx(sum + profile.update->seconds));
  CHECK(profile.seconds() <= profile.timed_seconds);
  CHECK(profile.step_seconds > 0);
  CHECK(profile.peak == peak_flops<float>());  // measured once
  CHECK(profile.peak > 0);
}

TEST_CASE("a program without an update is profiled as well, in double too", "[profile]") {
  constexpr auto f = [](auto x) { return sum(exp(x)); };
  DoubleProgram<f, Tensor<5, 6>> program;
  const xt::xtensor<double, 2> x = xt::ones<double>({5, 6});
  const Profile found = profile(program, x)(1);
  CHECK_FALSE(found.update.has_value());
  CHECK(found.calls.size() == program.kernel_calls());
  CHECK(program.result() == program(x));
  Size bytes = 0;
  for (const ProfiledCall& call : found.calls) bytes += call.cost.bytes;
  CHECK(bytes == explain(program).plan().bytes);
  CHECK(bytes >= 8 * (30 + 1));
  CHECK_THROWS_WITH(profile(program, x)(0), "profile: expected at least 1 run, got 0");
}

TEST_CASE("what a run refuses is refused while it is profiled", "[profile]") {
  Training training;
  xt::xtensor<std::int32_t, 2> wrong = ids;
  wrong(1, 2) = 5;
  CHECK_THROWS_AS(profile(training.step, training.parameters, wrong, targets)(1), std::out_of_range);
  CHECK(training.profiled(1).steps > 0);  // and the program can be run again
}

TEST_CASE("a profile reads as a table, the kernel that takes longest first", "[profile]") {
  std::ostringstream text;
  text << made_up();
  CHECK(text.str() ==
        "kernel        shapes                   calls     us  of step  GFLOP/s  of peak  GB/s\n"
        "------------------------------------------------------------------------------------\n"
        "matmul + add  [2, 3] [3, 4] -> [2, 4]      2  5.000   62.5 %     0.02   22.4 %  0.04\n"
        "update                                     1  1.500   18.8 %\n"
        "permute       [2, 4] -> [4, 2]             1  1.000   12.5 %                    0.06\n"
        "------------------------------------------------------------------------------------\n"
        "total                                      4  7.500   93.8 %     0.01   14.9 %  0.04\n"
        "a step without timers: 8.000 us, of which the sum leaves 6.25 % unexplained; means of the quicker "
        "half of 4 runs; "
        "peak 0.1 GFLOP/s\n");
  CHECK(made_up().unexplained() == Approx(6.25));
  CHECK(text::sum_of({"mul", "neg", "sum", "add", "exp"}, 4) == "mul + neg + sum + 2 more");
}

TEST_CASE("calls that take less time than reading the clock have no rates", "[profile]") {
  Profile profile = made_up();
  profile.clock_seconds = 1.2e-6;
  const std::string table = to_string(profile);
  CHECK_THAT(
      table,
      contains("matmul + add  [2, 3] [3, 4] -> [2, 4]      2  5.000   62.5 %     0.02   22.4 %  0.04\n"));
  CHECK_THAT(
      table,
      contains("permute       [2, 4] -> [4, 2]             1  1.000   12.5 %                       -\n"));
  const auto events = nlohmann::json::parse(to_json(profile.timeline())).at("traceEvents");
  CHECK(events[3].at("args").contains("GFLOP/s") == false);  // 2 us, 1.2 of them the clock's
  CHECK(events[5].at("args").contains("GFLOP/s"));
}

TEST_CASE("profiles and tables say what is stored as bf16", "[profile]") {
  constexpr auto f = [](auto x, auto w, auto v) { return matmul(relu(matmul(x, w)), v); };
  MixedProgram<f, Tensor<32, 16>, Tensor<16, 32>, Tensor<32, 8>> program;
  const xt::xtensor<float, 2> x = xt::ones<float>({32, 16}), w = xt::ones<float>({16, 32});
  const xt::xtensor<float, 2> v = xt::ones<float>({32, 8});
  const Profile found = profile(program, x, w, v)(1);
  REQUIRE(found.calls.size() == 2);
  CHECK(found.calls[0].cost.shapes == "[32, 16] [16, 32] -> [32, 32] bf16");
  CHECK(found.calls[1].cost.shapes == "[32, 32] bf16 [32, 8] -> [32, 8]");
  const std::string lines = table(program);
  const std::size_t end = lines.find(" bf16\n");
  REQUIRE(end != std::string::npos);
  CHECK_THAT(lines.substr(lines.rfind('\n', end), end), contains("relu"));
  CHECK(lines.find(" bf16", end + 1) == std::string::npos);
  CHECK(table(Program<f, Tensor<32, 16>, Tensor<16, 32>, Tensor<32, 8>>()).find("bf16") == std::string::npos);
}

TEST_CASE("the trace is JSON, with an event for the step and for each of its calls", "[profile]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "step.json";
  made_up().write_trace(path);
  const auto trace = nlohmann::json::parse(std::ifstream(path));
  const auto& events = trace.at("traceEvents");
  REQUIRE(events.size() == 7);
  CHECK(events[0].at("name") == "process_name");
  CHECK(events[1].at("name") == "thread_name");
  for (std::size_t i : {0U, 1U}) {
    CHECK(events[i].at("ph") == "M");
    CHECK(events[i].at("args").at("name").is_string());
  }
  for (std::size_t i = 2; i < events.size(); ++i) {
    const auto& event = events[i];
    CHECK(event.at("ph") == "X");
    CHECK(event.at("pid") == events[0].at("pid"));
    CHECK(event.at("tid") == events[0].at("tid"));
    CHECK(event.at("ts").get<double>() + event.at("dur").get<double>() <= 9.0001);
  }
  CHECK(events[2].at("name") == "step");
  CHECK(events[2].at("dur") == 9);
  CHECK(events[3].at("name") == "matmul + add");
  CHECK(events[3].at("ts") == 1);
  CHECK(events[3].at("dur") == 2);
  CHECK(events[3].at("args").at("shapes") == "[2, 3] [3, 4] -> [2, 4]");
  CHECK(events[3].at("args").at("flops") == 56);
  CHECK(events[3].at("args").at("GFLOP/s").get<double>() == Approx(0.028));
  CHECK(events[6].at("name") == "update");

  Training training;
  const auto real = nlohmann::json::parse(to_json(training.profiled(1).timeline()));
  CHECK(real.at("traceEvents").size() == Step::kernel_calls() + 4);
}

TEST_CASE("names of any characters are strings of JSON", "[profile]") {
  for (const std::string name : {"plain", R"("quoted" \ and \")", "a\nline\tand \x01\x1F", "größer → 1", ""})
    CHECK(nlohmann::json::parse(text::json_string(name)) == name);
  CHECK(nlohmann::json::parse(to_json({})).at("traceEvents").size() == 2);
}

TEST_CASE("a trace that cannot be written is an error that names the file", "[profile]") {
  const TemporaryFolder folder;
  const std::filesystem::path nowhere = folder / "none" / "step.json";
  CHECK_THAT(message_of(made_up(), nowhere), contains(nowhere.string() + ": opening it to write a timeline"));
  CHECK_THAT(message_of(made_up(), nowhere), contains("No such file"));
  if (std::filesystem::exists("/dev/full")) {
    CHECK_THAT(message_of(made_up(), "/dev/full"), contains("/dev/full: writing a timeline: No space left"));
  }
}

}  // namespace ctgrad::test
