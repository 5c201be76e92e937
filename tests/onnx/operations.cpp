#include <onnx/read.hpp>
#include <onnxruntime/operations.hpp>
#include <ops/own_operations.hpp>
#include <support/catch.hpp>

/// Every operation as ONNX, with its derivatives: well-formed files. That they compute the same is held by
/// `./dev onnx`.
namespace {

using namespace ctgrad;

/// Adds names that nothing else may have.
void define(std::set<std::string, std::less<>>& names, const std::vector<std::string_view>& added) {
  for (const std::string_view name : added) {
    INFO(name);
    CHECK(names.emplace(name).second);
  }
}

/// Every node comes behind what it reads, and every output is there.
void check_order(std::string_view graph, int node_field, std::set<std::string, std::less<>> names,
                 const std::vector<std::string_view>& outputs) {
  for (const std::string_view node : test::parts(graph, node_field)) {
    INFO(test::node(node));
    for (const std::string_view input : test::parts(node, 1)) CHECK(names.contains(input));
    define(names, test::parts(node, 2));
  }
  for (const std::string_view output : outputs) CHECK(names.contains(output));
}

void check_file(const std::string& bytes) {
  const std::string_view graph = test::part(bytes, 7);
  std::set<std::string, std::less<>> names;
  std::vector<std::string_view> outputs;
  for (const std::string_view tensor : test::parts(graph, 5)) define(names, {test::part(tensor, 8)});
  for (const std::string_view input : test::parts(graph, 11)) define(names, {test::part(input, 1)});
  for (const std::string_view output : test::parts(graph, 12)) outputs.push_back(test::part(output, 1));
  check_order(graph, 1, names, outputs);
  for (const std::string_view function : test::parts(bytes, 25)) {
    std::set<std::string, std::less<>> inputs;
    define(inputs, test::parts(function, 4));
    check_order(function, 7, inputs, test::parts(function, 5));
  }
}

constexpr auto asinh_of = [](auto x) { return own::asinh(x); };
constexpr auto flip_of = [](auto x) { return own::flip(x); };
constexpr auto gram_of = [](auto x) { return own::gram(x); };

}  // namespace

TEST_CASE("every operation is written, and so are its derivatives", "[onnx]") {
  int programs = 0;
  for (const test::Record& record : test::all_operations()) {
    for (const Sample& sample : record.samples().accepted) {
      INFO(test::describe(*record.operation, sample));
      const test::SampleProgram program(*record.operation, sample);
      const onnx::Model model = program.model("sample");
      REQUIRE(model.outputs.size() == program.graph.outputs.size());
      check_file(onnx::encode(model));
      ++programs;
    }
  }
  std::printf("figure: onnx programs of operations %d\n", programs);
}

TEST_CASE("an operation of one's own is written as it says, by its definition or by a rule", "[onnx]") {
  const onnx::Model said = onnx::model_of<Program<asinh_of, Tensor<3>>>();
  REQUIRE(said.nodes.size() == 2);
  CHECK(said.nodes[0].operation == "Asinh");
  const onnx::Model defined = onnx::model_of<Program<gram_of, Tensor<2, 3>>>();
  CHECK(std::ranges::count(defined.nodes, "MatMul", &onnx::ModelNode::operation) == 1);

  using Flipped = Program<flip_of, Tensor<3>>;
  CHECK_THROWS_WITH(onnx::model_of<Flipped>(),
                    test::contains("onnx: the operation 'flip' has no counterpart"));
  constexpr onnx::Rule rules[] = {onnx::rule<own::Flip>([](const onnx::Applied& x) {
    const auto number = [&](std::int64_t of) { return x[0].to->integers({of}); };
    return x("Slice", x[0], number(-1), number(-4), number(-1), number(-1));
  })};
  const onnx::Model given = onnx::model_of<Flipped>({.rules = rules});
  REQUIRE(given.nodes.size() == 2);
  CHECK(given.nodes[0].operation == "Slice");
  CHECK(given.nodes[0].inputs.size() == 5);
}
