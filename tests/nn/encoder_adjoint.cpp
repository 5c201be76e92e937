#include <nn/reference_model.hpp>

#include <cstdio>
#include <numeric>

/// The whole reference encoder in both modes: <u, J v> = <J^T u, v>.
namespace {

using namespace ctgrad;
using Model = test::ReferenceModel<50, 12, 32, 32>;
using Ids = Index<3, 12>;
using Logits = Tensor<3, 12, 50>;

constexpr auto logits = [](const auto& model, auto ids) { return model(ids); };

template <class A, class B>
double inner_product(const A& a, const B& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

TEST_CASE("forward and reverse mode of the whole reference encoder are each other's transpose") {
  const io::Safetensors file = test::reference("encoder.safetensors");
  Parameters<Model, double> parameters{Seed{1}};
  test::load_keras(parameters, file);
  Random random(Seed{test::seed()});
  Parameters<Model, double> v{Seed{2}};
  for (double& number : v.flat()) number = random.normal();
  xt::xtensor<double, 3> u = xt::empty<double>({3, 12, 50});
  for (double& number : u) number = random.normal();

  DoubleProgram<jvp(logits), Model, Ids, Model> forward;
  DoubleProgram<vjp(logits), Model, Ids, Logits> reverse;
  const auto ids = file.read<std::int32_t>("ids");
  const double pushed = inner_product(forward(parameters, ids, v).tangent, u);
  const auto pulled = reverse(parameters, ids, u);
  double expected = 0;
  for (const FlatEntry& entry : v.entries())
    expected += inner_product(pulled.cotangents.span(entry.name), v.span(entry.name));
  const double error = std::abs(pushed - expected) / (0.5 * (std::abs(pushed) + std::abs(expected)));
  CHECK(error < 1e-12);
  std::printf("figure: adjoint identity of the reference encoder %.1e (bar 1e-12)\n", error);
}
