#include <ctgrad/ctgrad.hpp>
#include <ctgrad/io/read_file.hpp>
#include <ctgrad/onnx/save.hpp>

#include <onnx/read.hpp>
#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

/// Programs as ONNX files, whose bytes are read back by a reader of the test's own. That they compute the
/// same is held by `./dev onnx`, in ONNX Runtime.
namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (nn::Linear<3, 2>, head));
  constexpr auto operator()(auto x) const { return head(x); }
};
constexpr auto forward = [](const auto& model, auto x) { return relu(model(x)); };
constexpr auto loss = [](const auto& model, auto x, auto y) { return sum(square(model(x) - y)); };
using Forward = Program<forward, Model, Tensor<4, 3>>;
using Training = Program<value_and_grad(loss), Model, Tensor<4, 3>, Tensor<4, 2>>;

struct Table {
  BOOST_HANA_DEFINE_STRUCT(Table, (nn::Embedding<10, 4>, words));
};
constexpr auto embed = [](const auto& model, const auto& text) {
  return text.mean_of_tokens(model.words(text.ids));
};

std::vector<std::string> ports(std::string_view graph, int number) {
  std::vector<std::string> texts;
  for (const std::string_view message : test::parts(graph, number)) texts.push_back(test::port(message));
  return texts;
}

using Names = std::vector<std::string>;

/// The graph of an encoded model.
std::string graph_of(const onnx::Model& model) {
  const std::string bytes = onnx::encode(model);
  return std::string(test::part(bytes, 7));
}

}  // namespace

TEST_CASE("a file says its version, its operators' version, and who made it", "[onnx]") {
  const std::string bytes = onnx::encode(onnx::model_of<Forward>());
  CHECK(test::integer(bytes, 1) == 8);
  CHECK(test::part(bytes, 2) == "ctgrad");
  const auto operators = test::parts(bytes, 8);
  REQUIRE(operators.size() == 1);
  CHECK(test::part(operators[0], 1).empty());
  CHECK(test::integer(operators[0], 2) == 17);
}

TEST_CASE("a program's arguments are inputs, parameters by their paths, its result is the output", "[onnx]") {
  const std::string graph = graph_of(onnx::model_of<Forward>());
  CHECK(ports(graph, 11) == Names{"head.weight: 1 [3, 2]", "head.bias: 1 [2]", "argument_2: 1 [4, 3]"});
  CHECK(ports(graph, 12) == Names{"result: 1 [4, 2]"});
  CHECK(test::parts(graph, 5).empty());
  Names nodes;
  for (const std::string_view message : test::parts(graph, 1)) nodes.push_back(test::node(message));
  CHECK(nodes == Names{"MatMul(argument_2, head.weight) -> MatMul_1", "Add(MatMul_1, head.bias) -> Add_1",
                       "Relu(Add_1) -> Relu_1", "Identity(Relu_1) -> result"});
}

TEST_CASE("parameters that are given are in the file, bit for bit", "[onnx]") {
  const Parameters<Model> parameters{Seed{1}};
  const std::string graph = graph_of(onnx::model_of<Forward>(
      parameters, {.name = "scores", .arguments = {"model", "words"}, .results = {"scores"}}));
  CHECK(test::part(graph, 2) == "scores");
  CHECK(ports(graph, 11) == Names{"words: 1 [4, 3]"});
  CHECK(ports(graph, 12) == Names{"scores: 1 [4, 2]"});
  const auto tensors = test::parts(graph, 5);
  REQUIRE(tensors.size() == 2);
  CHECK(test::part(tensors[0], 8) == "model.head.weight");
  CHECK(test::integers(tensors[0], 1) == std::vector<std::uint64_t>{3, 2});
  CHECK(test::integer(tensors[0], 2) == 1);
  const auto weight = parameters.span("head.weight");
  CHECK(test::part(tensors[0], 9) ==
        std::string_view(reinterpret_cast<const char*>(weight.data()), weight.size_bytes()));
}

TEST_CASE("a training step's outputs are its value and the gradients by their names", "[onnx]") {
  const std::string graph = graph_of(onnx::model_of<Training>());
  CHECK(ports(graph, 11).size() == 4);
  CHECK(ports(graph, 12) ==
        Names{"value: 1 []", "gradients.head.weight: 1 [3, 2]", "gradients.head.bias: 1 [2]"});
}

TEST_CASE("what a bucket computes takes ids, lengths and which sequences are present", "[onnx]") {
  const std::string graph = graph_of(onnx::model_of<Program<embed, Table, nn::TokenBatch<2, 4>>>());
  CHECK(ports(graph, 11) ==
        Names{"words.table: 1 [10, 4]", "ids: 6 [2, 4]", "lengths: 6 [2]", "present: 9 [2]"});
  CHECK(ports(graph, 12) == Names{"result: 1 [2, 4]"});
}

TEST_CASE("a file is written whole", "[onnx]") {
  const test::TemporaryFolder folder;
  onnx::save<Training>(folder / "step.onnx");
  CHECK(io::read_file(folder / "step.onnx", 100000) == onnx::encode(onnx::model_of<Training>()));
  CHECK(folder.names() == Names{"step.onnx"});
  CHECK_THROWS_AS(onnx::save<Training>(folder / "no" / "step.onnx"), io::WriteError);
}

TEST_CASE("names that are not each their own are refused", "[onnx]") {
  CHECK_THROWS_WITH(onnx::model_of<Forward>({.arguments = {"", "head.bias"}}),
                    test::contains("two inputs or outputs are called 'head.bias'"));
  CHECK_THROWS_WITH(onnx::model_of<Forward>({.results = {"head.bias"}}),
                    test::contains("two inputs or outputs are called 'head.bias'"));
  CHECK_THROWS_WITH(onnx::model_of<Forward>({.arguments = {"x"}}),
                    "onnx: arguments: expected 2 names, got 1");
  CHECK_THROWS_WITH(onnx::model_of<Forward>({.results = {"x", "y"}}),
                    "onnx: results: expected 1 names, got 2");
  CHECK_THROWS_WITH(onnx::model_of<Forward>({.arguments = {"", ""}}),
                    "onnx: an input or output without a name");
}
