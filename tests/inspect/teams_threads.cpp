#include <ctgrad/inspect.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include <set>

/// Profiles of programs that threads compute, and what is told of programs in shards. The thread sanitizer
/// looks at these tests as well.
namespace ctgrad::test {

namespace {

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<5, 8>,  tokens),
    (nn::Linear<8, 5>,     head));

  constexpr auto operator()(auto ids) const { return head(relu(tokens(ids))); }
};

constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
using Ids = Index<6, 3>;
using Sharded = ShardedProgram<3, value_and_grad(loss), Model, Ids, Ids>;
using Part = Program<value_and_grad(loss), Model, Index<2, 3>, Index<2, 3>>;

xt::xtensor<std::int32_t, 2> ids() {
  xt::xtensor<std::int32_t, 2> drawn = xt::zeros<std::int32_t>({6, 3});
  Random random{Seed{test::seed()}};
  for (std::int32_t& id : drawn) id = static_cast<std::int32_t>(random.below(5));
  return drawn;
}

}  // namespace

TEST_CASE("a profile of shards has the calls of all of them, their join and the update", "[profile]") {
  for (const std::size_t threads : {1u, 2u}) {
    Sharded profiled{Team{threads}}, ordinary{Team{1}};
    Parameters<Model> parameters{Seed{1}}, others{Seed{1}};
    Adam adam{parameters}, other{others};
    const auto x = ids();
    const Profile found =
        profile(profiled, parameters, x, x)(3, [&](const auto& result) { adam.update(parameters, result); });
    for (int i = 0; i < found.steps; ++i) other.update(others, ordinary(others, x, x));
    CHECK(std::ranges::equal(parameters.flat(), others.flat()));

    CHECK(found.threads == threads);
    CHECK(found.shards == 3);
    CHECK(found.side_by_side() == threads);
    REQUIRE(found.calls.size() == 3 * Sharded::Part::kernel_calls());
    REQUIRE(found.join.has_value());
    REQUIRE(found.update.has_value());
    double last = 0, sum = 0;
    for (const ProfiledCall& call : found.calls) {
      CHECK(call.begin >= (call.shard == found.calls.front().shard ? last : 0));
      CHECK(call.end <= found.join->begin);
      CHECK(call.seconds >= 0);
      last = call.end;
      sum += call.seconds;
    }
    CHECK(found.join->end <= found.update->begin);
    CHECK(found.update->end <= found.shown_seconds);
    const auto times = static_cast<double>(threads);
    CHECK(found.seconds() == Approx(sum + times * (found.join->seconds + found.update->seconds)));
    CHECK(found.seconds() <= times * found.timed_seconds);

    const std::string words = to_string(found);
    CHECK_THAT(words, contains("join shards"));
    CHECK_THAT(words, contains(threads == 1 ? "GFLOP/s of one thread; 3 shards in 1 thread\n"
                                            : "; 3 shards in 2 threads, whose times are added up\n"));
    std::set<std::string> tracks;
    const nlohmann::json trace = nlohmann::json::parse(to_json(found.timeline()));
    for (const nlohmann::json& event : trace.at("traceEvents")) {
      if (event.at("name") == "thread_name") tracks.insert(event.at("args").at("name"));
    }
    CHECK(tracks == std::set<std::string>{"kernel calls", "shard 0", "shard 1", "shard 2"});
  }
}

TEST_CASE("a profile of a program with a team is of calls that the team shares", "[profile]") {
  constexpr auto f = [](auto x, auto w) { return matmul(x, w); };
  using Wide = Program<f, Tensor<64, 512>, Tensor<512, 1024>>;
  STATIC_REQUIRE(Wide::is_shared_by_teams());
  Wide alone, shared{Team{2}};
  CHECK(alone.threads() == 1);
  CHECK(shared.threads() == 2);
  const xt::xtensor<float, 2> x = xt::ones<float>({64, 512}), w = xt::ones<float>({512, 1024});
  const Profile found = profile(shared, x, w)(2);
  CHECK(found.threads == 2);
  CHECK(found.shards == 0);
  CHECK(found.calls.size() == Wide::kernel_calls());
  const bool are_equal = shared.result() == alone(x, w);
  CHECK(are_equal);
  CHECK_THAT(to_string(found), contains("GFLOP/s of one thread; 2 share the larger calls\n"));
  CHECK(to_string(profile(alone, x, w)(1)).find("thread;") == std::string::npos);
}

TEST_CASE("what is told of a program in shards is told of a shard, or of all", "[graph]") {
  const Sharded sharded{Team{1}};
  const Part part;
  CHECK(table(sharded) == table(part));
  CHECK(dot(sharded) == dot(part));
  CHECK(explain(sharded).plan() == explain(part).plan());
  const Summary all = summary(sharded), one = summary(part);
  CHECK(all.count == Parameters<Model>::count());
  CHECK(all.bytes == one.bytes);
  REQUIRE(all.run.has_value());
  CHECK(all.run->flops == 3 * one.run->flops);
  CHECK(all.run->other_flops == 3 * one.run->other_flops);
  CHECK(all.run->kernel_calls == 3 * one.run->kernel_calls);
  CHECK(all.run->arena_bytes == Sharded::arena_bytes());
  REQUIRE(all.rows.size() == one.rows.size());
  Size flops = all.run->other_flops;
  for (const SummaryRow& row : all.rows) flops += row.is_layer ? 0 : row.flops;
  CHECK(flops == all.run->flops);
}

}  // namespace ctgrad::test
