#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/summary.hpp>

#include <support/catch.hpp>

#include <sstream>

namespace ctgrad::test {

namespace {

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<10, 8>,      tokens),
    (nn::Encoder<2, 8, 2, 12>,  encoder),
    (nn::Linear<8, 10>,         head));

  constexpr auto operator()(auto ids) const { return head(encoder(tokens(ids))); }
};

struct Layer {
  BOOST_HANA_DEFINE_STRUCT(Layer,
    (nn::Linear<3, 4>,  dense));
};

constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
constexpr auto scaled = [](auto factor, const auto& layer, auto x) { return relu(layer.dense(x)) * factor; };
using Ids = Index<5, 6>;

const SummaryRow& row(const Summary& summary, const std::string& path) {
  for (const SummaryRow& found : summary.rows) {
    if (found.path == path) return found;
  }
  throw std::out_of_range("no row of " + path);
}

}  // namespace

TEST_CASE("a summary has a line for every parameter, and their sums", "[summary]") {
  const Parameters<Model> parameters{Seed{1}};
  const Summary summary = ctgrad::summary(parameters);
  CHECK(summary.count == Parameters<Model>::count());
  CHECK(summary.bytes == 4 * Parameters<Model>::count());
  CHECK(ctgrad::summary<Model, double>().bytes == 8 * Parameters<Model>::count());
  CHECK_FALSE(summary.run.has_value());
  std::vector<std::string> names;
  std::size_t count = 0;
  for (const SummaryRow& found : summary.rows) {
    if (found.is_layer) continue;
    names.push_back(found.path);
    count += found.count;
    CHECK(found.count == static_cast<std::size_t>(found.shape.size()));
  }
  CHECK(count == summary.count);
  const auto& entries = Parameters<Model>::entries();
  REQUIRE(names.size() == entries.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(names[i] == entries[i].name);
    CHECK((row(summary, names[i]).shape == entries[i].shape));
  }
}

TEST_CASE("a layer's line comes before its parts, one deeper, and is their sum", "[summary]") {
  const Summary summary = ctgrad::summary<predict, Model, Ids>();
  for (std::size_t i = 0; i < summary.rows.size(); ++i) {
    const SummaryRow& layer = summary.rows[i];
    if (!layer.is_layer) continue;
    SummaryRow parts;
    int children = 0;
    for (std::size_t k = i + 1; k < summary.rows.size() && summary.rows[k].depth > layer.depth; ++k) {
      const SummaryRow& part = summary.rows[k];
      CHECK(part.path.starts_with(layer.path + "."));
      if (part.depth != layer.depth + 1) continue;
      CHECK(part.path == layer.path + "." + part.name);
      ++children;
      parts.count += part.count;
      parts.bytes += part.bytes;
      parts.flops += part.flops;
    }
    CHECK(children > 1);
    CHECK(parts.count == layer.count);
    CHECK(parts.bytes == layer.bytes);
    CHECK(parts.flops == layer.flops);
  }
  CHECK(summary.rows.front().name == "tokens.table");  // no line of its own for a layer of one parameter
  CHECK(row(summary, "encoder.layers").depth == 0);
  CHECK(row(summary, "encoder.layers.1.attention.query.weight").depth == 4);
}

TEST_CASE("operations belong to the parameters that they read", "[summary]") {
  const Summary summary = ctgrad::summary<predict, Model, Ids>();
  const Size rows = 5 * 6;
  CHECK(row(summary, "tokens.table").flops == 0);  // only moved
  CHECK(row(summary, "head.weight").flops == 2 * rows * 8 * 10);
  CHECK(row(summary, "head.bias").flops == rows * 10);
  CHECK(row(summary, "encoder.layers.0.attention.query.weight").flops == 2 * rows * 8 * 8);
  CHECK(row(summary, "encoder.layers.1.feed_forward.contract.weight").flops == 2 * rows * 12 * 8);
  CHECK(row(summary, "encoder.layers.0").flops == row(summary, "encoder.layers.1").flops);
}

TEST_CASE("a run's operations are all of the program's, by parameter and by kind", "[summary]") {
  using Step = Program<value_and_grad(loss), Model, Ids, Ids>;
  const Step step;
  for (const Summary& summary : {ctgrad::summary<predict, Model, Ids>(), ctgrad::summary(step)}) {
    REQUIRE(summary.run.has_value());
    Size by_parameter = summary.run->other_flops, by_kind = 0;
    for (const SummaryRow& found : summary.rows) by_parameter += found.is_layer ? 0 : found.flops;
    for (const SummaryOperation& kind : summary.run->operations) by_kind += kind.flops;
    CHECK(by_parameter == summary.run->flops);
    CHECK(by_kind == summary.run->flops);
    CHECK(summary.run->other_flops > 0);
    CHECK(summary.run->operations.front().name == "matmul");
  }
  const SummaryRun run = *ctgrad::summary(step).run;
  CHECK(run.flops == flops(Step::graph()));
  CHECK(run.kernel_calls == static_cast<Size>(Step::kernel_calls()));
  CHECK(run.arena_bytes == Step::arena_bytes());
  CHECK(run.flops > 2 * ctgrad::summary<predict, Model, Ids>().run->flops);  // there and back
}

TEST_CASE("the model may stand behind other arguments", "[summary]") {
  const Summary summary = ctgrad::summary<scaled, Tensor<>, Layer, Tensor<2, 3>>();
  REQUIRE(summary.rows.size() == 3);
  CHECK(summary.rows[0].name == "dense");
  CHECK(row(summary, "dense.weight").flops == 2 * 2 * 3 * 4);
  CHECK(row(summary, "dense.bias").flops == 2 * 4);
  CHECK(summary.run->other_flops == 2 * 8);  // relu and the factor
  const std::vector<std::string> names = input_names<Tensor<>, Layer, Tensor<2, 3>>();
  CHECK(names == std::vector<std::string>{"argument 1", "dense.weight", "dense.bias", "argument 3"});
}

TEST_CASE("a summary reads as a table", "[summary]") {
  std::ostringstream text;
  text << ctgrad::summary<scaled, Tensor<>, Layer, Tensor<2, 3>>();
  CHECK(text.str() ==
        "layer                shape  parameters  bytes  flops\n"
        "----------------------------------------------------\n"
        "dense                               16     64     56\n"
        "  weight            [3, 4]          12     48     48\n"
        "  bias                 [4]           4     16      8\n"
        "without parameters                                16\n"
        "----------------------------------------------------\n"
        "total                               16     64     72\n"
        "\n"
        "operation  nodes  flops   share\n"
        "-------------------------------\n"
        "matmul         1     48  66.7 %\n"
        "add            1      8  11.1 %\n"
        "mul            1      8  11.1 %\n"
        "relu           1      8  11.1 %\n"
        "\n"
        "a run: 72 floating-point operations in 1 kernel call, 64 bytes of arena\n");
  CHECK(to_string(ctgrad::summary<Layer>()) ==
        "layer      shape  parameters  bytes\n"
        "-----------------------------------\n"
        "dense                     16     64\n"
        "  weight  [3, 4]          12     48\n"
        "  bias       [4]           4     16\n"
        "-----------------------------------\n"
        "total                     16     64\n");
}

TEST_CASE("numbers of any size are readable", "[summary]") {
  CHECK(text::with_commas(Size{0}) == "0");
  CHECK(text::with_commas(Size{999}) == "999");
  CHECK(text::with_commas(Size{1000}) == "1,000");
  CHECK(text::with_commas(Size{-1234567}) == "-1,234,567");
  CHECK(text::memory(1023) == "1023 bytes");
  CHECK(text::memory(1024) == "1.0 KiB");
  CHECK(text::memory(1536) == "1.5 KiB");
  CHECK(text::memory(Size{5} << 30) == "5.0 GiB");
}

}  // namespace ctgrad::test
