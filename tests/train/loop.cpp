#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/sgd.hpp>
#include <ctgrad/train/stop_signal.hpp>

#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <chrono>
#include <cmath>
#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace ctgrad;

/// Batches that are their own numbers: 1, 2, ...
struct Numbers {
  std::size_t drawn = 0;
  std::size_t next() { return ++drawn; }
};

/// What a run with these accuracies did: the steps that reported, and the steps done.
struct Run {
  std::vector<std::size_t> reports;
  std::size_t steps, batches;
};

Run run(LoopOptions options, const std::vector<double>& accuracies) {
  Run seen{};
  Numbers numbers;
  const auto loss = [](std::size_t batch) { return 1 / static_cast<double>(batch); };
  const LoopResult result = run_training(options, numbers, loss, [&](const LoopReport& report) {
    seen.reports.push_back(report.step);
    CHECK(report.loss == loss(numbers.drawn));
    return accuracies.at(seen.reports.size() - 1);
  });
  CHECK(result.seconds >= 0);
  seen.steps = result.steps;
  seen.batches = numbers.drawn;
  return seen;
}

using Steps = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a run reports every so often and at its end", "[loop]") {
  const Run whole = run({.steps = 10, .report_every = 4}, {0.5, 1, 1});
  CHECK(whole.reports == Steps{4, 8, 10});
  CHECK(whole.steps == 10);
  CHECK(whole.batches == 10);
}

TEST_CASE("what is done behind a step is done behind its report, too", "[loop]") {
  Numbers numbers;
  std::string events;
  run_training(
      {.steps = 3, .report_every = 2}, numbers,
      [&](std::size_t batch) {
        events += " step " + std::to_string(batch);
        return 1.0;
      },
      [&](const LoopReport& report) {
        events += " report " + std::to_string(report.step);
        return 0.0;
      },
      [&] { events += " after"; });
  CHECK(events == " step 1 after step 2 report 2 after step 3 report 3 after");
}

TEST_CASE("a run goes on when what follows a step cannot write its file", "[loop]") {
  Numbers numbers;
  const auto step = [](std::size_t) { return 1.0; };
  const auto report = [](const LoopReport&) { return 0.0; };
  std::string events;
  const auto after = [&] {
    events += std::to_string(numbers.drawn);
    if (numbers.drawn < 3) throw io::WriteError("run", "writing its new contents", ENOSPC);
  };
  CHECK(run_training({.steps = 4}, numbers, step, report, after).steps == 4);
  CHECK(events == "1234");
  const auto other = [] { throw std::runtime_error("no file"); };
  CHECK_THROWS_WITH(run_training({.steps = 4}, numbers, step, report, other), "no file");
}

TEST_CASE("a run stops when its accuracy reaches the bar", "[loop]") {
  const Run stopped = run({.steps = 100, .report_every = 5, .accuracy_bar = 0.9}, {0.5, 0.89, 0.9});
  CHECK(stopped.reports == Steps{5, 10, 15});
  CHECK(stopped.steps == 15);
  CHECK(stopped.batches == 15);
}

TEST_CASE("a run may ask for several reports in a row at the bar", "[loop]") {
  const Run stopped = run({.steps = 100, .report_every = 5, .accuracy_bar = 0.9, .reports_at_bar = 2},
                          {0.95, 0.5, 0.95, 0.96, 0});
  CHECK(stopped.reports == Steps{5, 10, 15, 20});
  CHECK(stopped.steps == 20);
}

TEST_CASE("an accuracy that is not known is not at the bar", "[loop]") {
  CHECK(run({.steps = 3, .report_every = 1, .accuracy_bar = 0}, std::vector<double>(3, std::nan(""))).steps ==
        3);
}

TEST_CASE("a resumed run does the steps that are left, and counts all", "[loop]") {
  const Run resumed = run({.steps = 10, .report_every = 4, .first_step = 7}, {0.5, 0.5});
  CHECK(resumed.reports == Steps{8, 10});
  CHECK(resumed.steps == 10);
  CHECK(resumed.batches == 3);
  for (const std::size_t done : {10u, 12u}) {
    const Run nothing = run({.steps = 10, .first_step = done}, {});
    CHECK(nothing.steps == done);
    CHECK(nothing.batches == 0);
  }
}

TEST_CASE("counts of zero are refused where there must be one", "[loop]") {
  CHECK_THROWS_WITH(run({.report_every = 0}, {}), "run_training: report_every: expected at least 1, got 0");
  CHECK_THROWS_WITH(run({.reports_at_bar = 0}, {}),
                    "run_training: reports_at_bar: expected at least 1, got 0");
}

TEST_CASE("a run ends at a loss that is not finite, whose update has not happened", "[loop]") {
  struct Result {
    double value;
    test::Buffer<double> gradients;
  };
  test::Buffer<double> parameters{{0}};
  Sgd sgd{parameters, {.learning_rate = 1}};
  Numbers numbers;
  const auto step = [&](std::size_t batch) {
    const Result result{batch == 3 ? test::infinity : 1, {{1}}};
    sgd.update(parameters, result);
    return result.value;
  };
  const auto report = [](const LoopReport&) { return 0.0; };
  CHECK_THROWS_WITH(run_training({.steps = 5}, numbers, step, report),
                    "step 3: loss: expected a finite number, got inf");
  CHECK(parameters.numbers[0] == -2);
  CHECK(sgd.steps() == 2);
}

TEST_CASE("a loss that no update has looked at ends the run by the loop's own count", "[loop]") {
  Numbers numbers;
  CHECK(test::refusal<NonFiniteLoss>([&] {
          run_training(
              {.steps = 50, .first_step = 40}, numbers, [](std::size_t) { return std::nan(""); },
              [](const LoopReport&) { return 0.0; });
        }) == "step 41: loss: expected a finite number, got nan");
}

namespace {

/// A run of ten steps that a signal comes to in step 3; the steps that were done, each with what followed it.
struct StoppedRun {
  std::string steps;
  LoopResult result;
};

StoppedRun run_with_signal(int signal, const StopOnSignals& stop) {
  std::string steps;
  Numbers numbers;
  const LoopResult result = run_training(
      {.steps = 10, .report_every = 3}, numbers,
      [&](std::size_t batch) {
        if (batch == 3) std::raise(signal);
        steps += std::to_string(batch);
        return 1.0;
      },
      [&](const LoopReport&) {
        steps += 'r';
        return 0.0;
      },
      [&] { steps += 'a'; }, stop);
  return {steps, result};
}

/// Counts the signals that come to it.
int counted = 0;
void count_signal(int) { ++counted; }

}  // namespace

TEST_CASE("a run that a signal comes to ends behind its present step, its report and what follows",
          "[loop]") {
  const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
  const StopOnSignals stop;
  CHECK_FALSE(stop);
  const auto [steps, result] = run_with_signal(signal, stop);
  CHECK(steps == "1a2a3ra");
  CHECK(result.steps == 3);
  CHECK(result.stopped);
  CHECK(stop.signal() == signal);
  CHECK(stop.exit_code() == 128 + signal);
  CHECK(std::string(stop.name()) == (signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGHUP"));
}

TEST_CASE("a run that nothing stops, or only at its end, is not stopped", "[loop]") {
  Numbers numbers;
  const auto step = [](std::size_t) { return 1.0; };
  const auto report = [](const LoopReport&) { return 0.5; };
  const auto always = [] { return true; };
  CHECK_FALSE(run_training({.steps = 2}, numbers, step, report).stopped);
  CHECK_FALSE(run_training({.steps = 1}, numbers, step, report, NothingMore{}, always).stopped);
  CHECK(run_training({.steps = 2}, numbers, step, report, NothingMore{}, always).stopped);
  const LoopOptions at_bar{.steps = 2, .report_every = 1, .accuracy_bar = 0.5};
  CHECK_FALSE(run_training(at_bar, numbers, step, report, NothingMore{}, always).stopped);
}

TEST_CASE("only the first signal is noted, and only while somebody waits for it", "[loop]") {
  counted = 0;
  const auto before = std::signal(SIGTERM, count_signal);
  {
    const StopOnSignals stop{std::chrono::nanoseconds(0)};
    std::raise(SIGTERM);
    CHECK(counted == 0);
    CHECK(stop);
    std::raise(SIGTERM);
    CHECK(counted == 1);
  }
  {
    const StopOnSignals stop{std::chrono::hours(1)};  // as one
    for (int i = 0; i < 3; ++i) std::raise(SIGTERM);
    CHECK(counted == 1);
    CHECK(stop);
  }
  {
    const StopOnSignals stop;
    CHECK_FALSE(stop);
    CHECK_THROWS_WITH(StopOnSignals{}, "StopOnSignals: expected one at a time, got a second one");
  }
  std::raise(SIGTERM);
  CHECK(counted == 2);
  std::signal(SIGTERM, before);
}

TEST_CASE("a signal that was ignored stays ignored", "[loop]") {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    const StopOnSignals stop;
    std::raise(SIGHUP);
    CHECK_FALSE(stop);
    CHECK(stop.exit_code() == 0);
  }
  CHECK(std::signal(SIGHUP, before) == SIG_IGN);
}
