#include <nn/reference_model.hpp>

#include <cstdio>

/// What the passes must have made of the reference encoder, asked of the compiler.
namespace ctgrad::test {

namespace {

constexpr int layers = 2;
constexpr Size length = 12;
using Model = ReferenceModel<50, length, 32, 32>;
using Ids = Index<3, length>;

template <auto Function, class... Arguments>
using Planned = runtime::Planned<float, runtime::Trace<Function, Arguments...>>;

constexpr auto logits = [](const auto& model, auto ids) { return model(ids); };
using Forward = Planned<logits, Model, Ids>;
using Step = Planned<value_and_grad(reference_loss), Model, Ids, Ids>;
using PlainStep =
    Planned<optimize<Optimize{.attention = false}>(value_and_grad(reference_loss)), Model, Ids, Ids>;

/// [..., T, T]: the scores or weights of self-attention.
constexpr bool is_of_scores(const Shape& shape) {
  return shape.rank >= 2 && shape[shape.rank - 1] == length && shape[shape.rank - 2] == length;
}

/// How many steps write scores or weights.
template <class P>
constexpr int stored_scores() {
  return count_stored(P::graph, std::span(P::plan.calls, P::plan.call_count), is_of_scores);
}

/// How many softmaxes there are along keys.
template <class P>
constexpr int softmaxes_of_scores() {
  int found = 0;
  for (std::int32_t id = 0; id < P::graph.size(); ++id) {
    const Node& node = P::graph[id];
    found += node.operation == &operation<ops::Softmax> && is_of_scores(node.type.shape) ? 1 : 0;
  }
  return found;
}

static_assert(count<ops::Attention>(Forward::graph) == layers);
static_assert(count<ops::Softmax>(Forward::graph) == 0);
static_assert(stored_scores<Forward>() == 0);

static_assert(count<ops::Attention>(Step::graph) == layers);
static_assert(count<ops::AttentionBackward>(Step::graph) == layers);
static_assert(count<ops::Softmax>(Step::graph) <= 1, "the loss may have one over the vocabulary");
static_assert(softmaxes_of_scores<Step>() == 0);
static_assert(stored_scores<Step>() == 0);

// Without the pass there is something to find.
static_assert(count<ops::Attention>(PlainStep::graph) == 0);
static_assert(softmaxes_of_scores<PlainStep>() == layers);
static_assert(stored_scores<PlainStep>() >= 2 * layers);

}  // namespace

TEST_CASE("the reference encoder's training step never stores length x length, and runs fewer kernels") {
  const Explanation found = explain<value_and_grad(reference_loss), Model, Ids, Ids>();
  const Costs& before = found.stages.front().after;
  CHECK(found.plan().kernel_calls < before.kernel_calls);
  CHECK(found.plan().bytes < before.bytes);
  CHECK(found.plan().copies == 0);
  std::printf("figure: reference encoder's training step: kernels run %d -> %d\n",
              static_cast<int>(before.kernel_calls), static_cast<int>(found.plan().kernel_calls));
}

}  // namespace ctgrad::test
