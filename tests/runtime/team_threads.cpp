#include <ctgrad/runtime/team.hpp>

#include <support/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <cfenv>
#include <chrono>
#include <cstdio>
#include <ctime>

/// A team makes every call once, whoever else is at work. The thread sanitizer looks at these tests as well.
namespace {

using namespace ctgrad;

/// How often each of `count` calls is made in so many rounds.
std::vector<int> calls_of(const Team& team, std::size_t count, int rounds) {
  std::vector<int> calls(count);
  for (int round = 0; round < rounds; ++round) team.for_each(count, [&](std::size_t i) { ++calls[i]; });
  return calls;
}

/// The processor's seconds that this process has used.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// What an idle team of eight costs in so many milliseconds: the processor's seconds a second.
double idle_cost(int milliseconds) {
  const Team team{8};
  CHECK(calls_of(team, 8, 1) == std::vector<int>(8, 1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double before = processor_seconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  return (processor_seconds() - before) * 1000 / milliseconds;
}

/// Ten threads ask one team, so many rounds each.
void ask_from_ten_threads(int rounds) {
  const Team team{3};
  std::vector<std::jthread> callers;
  std::array<std::vector<int>, 10> calls;
  for (auto& own : calls) callers.emplace_back([&team, &own, rounds] { own = calls_of(team, 9, rounds); });
  callers.clear();
  for (const auto& own : calls) CHECK(own == std::vector<int>(9, rounds));
}

/// A child of a fork asks its parent's team and one of its own.
void ask_from_a_child(const Team& team) {
  const pid_t child = fork();
  if (child == 0) {
    bool right = calls_of(team, 6, 2) == std::vector<int>(6, 2);
    {
      const Team own{2};
      right = right && calls_of(own, 6, 2) == std::vector<int>(6, 2);
    }
    _exit(right ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

/// While it lives, this process runs on one processor alone.
class OneProcessor {
 public:
  OneProcessor() {
    REQUIRE(sched_getaffinity(0, sizeof all_, &all_) == 0);
    std::size_t first = 0;
    while (!CPU_ISSET(first, &all_)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  }
  ~OneProcessor() { sched_setaffinity(0, sizeof all_, &all_); }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;

 private:
  cpu_set_t all_;
};

}  // namespace

TEST_CASE("every call is made once, by teams of any size") {
  for (const std::size_t threads : {1u, 2u, 3u, 8u, 64u}) {
    const Team team{threads};
    CHECK(team.size() == threads);
    for (const std::size_t count : {0u, 1u, 2u, 7u, 64u, 1000u}) {
      INFO(threads << " threads, " << count << " calls");
      CHECK(calls_of(team, count, 5) == std::vector<int>(count, 5));
    }
  }
}

TEST_CASE("rounds follow each other without losing a call or a thread") {
  const Team team{3};
  CHECK(calls_of(team, 5, 10000) == std::vector<int>(5, 10000));
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the others have gone to sleep
    CHECK(calls_of(team, 5, 1) == std::vector<int>(5, 1));
  }
}

TEST_CASE("calls are shared: each waits for another one of another thread") {
  const Team team{2};
  std::atomic<int> there{0};
  std::array<std::thread::id, 2> threads;
  team.for_each(2, [&](std::size_t i) {
    threads[i] = std::this_thread::get_id();
    ++there;
    while (there < 2) std::this_thread::yield();
  });
  CHECK(threads[0] == std::this_thread::get_id());
  CHECK(threads[1] != std::this_thread::get_id());
}

TEST_CASE("several threads and calls within calls use one team, and none waits for ever") {
  ask_from_ten_threads(300);
  const Team team{3};
  std::array<std::vector<int>, 4> inner;
  team.for_each(4, [&](std::size_t i) { inner[i] = calls_of(team, 6, 3); });
  for (const auto& own : inner) CHECK(own == std::vector<int>(6, 3));
}

TEST_CASE("what a call throws is thrown where it was asked for, of the first, and the others are made") {
  for (const std::size_t threads : {1u, 2u, 4u}) {
    const Team team{threads};
    std::vector<int> calls(20);
    const auto task = [&](std::size_t i) {
      ++calls[i];
      if (i == 5 || i == 17) throw std::runtime_error("call " + std::to_string(i));
    };
    CHECK_THROWS_WITH(team.for_each(20, task), "call 5");
    CHECK(calls == std::vector<int>(20, 1));
    CHECK(calls_of(team, 20, 2) == std::vector<int>(20, 2));
  }
}

TEST_CASE("calls round as the thread that asks does") {
  const Team team{4};
  for (const int mode : {FE_UPWARD, FE_TONEAREST}) {
    std::fesetround(mode);
    std::vector<double> thirds(64);
    const volatile double three = 3;
    team.for_each(thirds.size(), [&](std::size_t i) { thirds[i] = 1 / three; });
    const double expected = 1 / three;
    std::fesetround(FE_TONEAREST);
    CHECK(thirds == std::vector<double>(64, expected));
  }
}

TEST_CASE("a copy is the same team, and outlives the first one") {
  Team copy{1};
  {
    const Team team{3};
    copy = team;
  }
  CHECK(copy.size() == 3);
  CHECK(calls_of(copy, 10, 10) == std::vector<int>(10, 10));
}

TEST_CASE("a team that has nothing to do uses no processor") { CHECK(idle_cost(500) < 0.01); }

#ifndef __SANITIZE_THREAD__  // which makes no threads in a child
TEST_CASE("a child of a fork does the work alone, and may have a team of its own") {
  const Team team{3};
  CHECK(calls_of(team, 6, 2) == std::vector<int>(6, 2));
  ask_from_a_child(team);
  CHECK(calls_of(team, 6, 2) == std::vector<int>(6, 2));
}
#endif

TEST_CASE("numbers of threads are 1 to 1024, whoever names them") {
  CHECK_THROWS_WITH(Team{0}, "Team: expected a number of threads from 1 to 1024, got 0");
  CHECK_THROWS_WITH(Team{1025}, "Team: expected a number of threads from 1 to 1024, got 1025");
  CHECK_THROWS_WITH(Team{2}.for_each(std::size_t{1} << 33, [](std::size_t) {}),
                    "Team: expected at most 4294967295 calls, got 8589934592");
  CHECK(Team{}.size() == runtime::default_threads());
  setenv("CTGRAD_THREADS", "3", 1);
  CHECK(Team{}.size() == 3);
  for (const char* wrong : {"", "0", "-1", "2x", " 2", "1.5", "1025", "99999999999999999999"}) {
    setenv("CTGRAD_THREADS", wrong, 1);
    CHECK_THROWS_WITH(Team{}, "CTGRAD_THREADS: expected a number of threads from 1 to 1024, got '" +
                                  std::string(wrong) + "'");
  }
  unsetenv("CTGRAD_THREADS");
}

TEST_CASE("a process may use the processors that it may run on, and as many as its container's quota fills") {
  CHECK(runtime::processor_quota("150000 100000\n") == 1.5);
  CHECK(runtime::processor_quota("max 100000") == std::nullopt);
  CHECK(runtime::processor_quota("") == std::nullopt);
  CHECK(runtime::processor_quota("100000") == std::nullopt);
  CHECK(runtime::usable_processors() >= 1);
  CHECK(runtime::usable_processors() <= runtime::allowed_processors());
  const OneProcessor only;
  CHECK(runtime::usable_processors() == 1);
  CHECK(calls_of(Team{4}, 8, 200) == std::vector<int>(8, 200));
}

// `./dev team-test` has these, ten thousand runs each.

TEST_CASE("ten threads with one team", "[.][long]") {
  ask_from_ten_threads(10000);
  std::printf("figure: team-test: ten threads with one team of 3: 10000 of 10000 rounds each\n");
}

TEST_CASE("many more threads than processors", "[.][long]") {
  CHECK(calls_of(Team{64}, 200, 10000) == std::vector<int>(200, 10000));
  std::printf("figure: team-test: a team of 64 on %zu processors: 10000 of 10000 rounds\n",
              runtime::usable_processors());
}

TEST_CASE("children of forks", "[.][long]") {
  const Team team{3};
  for (int i = 0; i < 10000; ++i) {
    team.for_each(3, [](std::size_t) {});
    ask_from_a_child(team);
  }
  std::printf("figure: team-test: forks with a team of 3: 10000 of 10000 children\n");
}

TEST_CASE("one processor", "[.][long]") {
  const OneProcessor only;
  for (const std::size_t threads : {2u, 4u, 16u})
    CHECK(calls_of(Team{threads}, 40, 10000) == std::vector<int>(40, 10000));
  std::printf("figure: team-test: teams of 2, 4 and 16 on one processor: 10000 of 10000 rounds each\n");
}

TEST_CASE("what an idle team costs", "[.][long]") {
  const double cost = idle_cost(5000);
  CHECK(cost < 0.01);
  std::printf("figure: team-test: an idle team of 8 takes %.5f s of the processor a second (bar 0.01)\n",
              cost);
}
