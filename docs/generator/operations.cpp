// Prints docs/operations.md: what the headers say of their functions, examples, and the registry's
// operations. Fails where a public function is in no section or in no example.
//
// usage: docs_operations SOURCE_FOLDER
#include "comments.hpp"
#include "sections.hpp"

#include <ctgrad/ops/registry.hpp>

#include <boost/hana/for_each.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>

namespace {

using namespace documentation;

/// Words as a cell of a table takes them; what lies between backticks stays as it is.
std::string cell(const std::string& words) {
  std::string text;
  bool is_code = false;
  for (const char c : words) {
    is_code ^= c == '`';
    if (c == '|' || (c == '*' && !is_code)) text += '\\';
    text += c == '<' && !is_code ? "&lt;" : std::string(1, c);
  }
  return text;
}
std::string code(const std::string& words) {
  std::string text;
  for (const char c : words) text += c == '|' ? "\\|" : std::string(1, c);
  return "`" + text + "`";
}

Comments read_headers(const std::filesystem::path& source) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source / "ops")) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  for (const char* name : {"grad", "vjp", "jvp", "vmap", "jacobian", "linear_map", "custom", "tree_vectors"})
    files.push_back((source / "autodiff" / (std::string(name) + ".hpp")).string());
  files.push_back((source / "nn/attention.hpp").string());
  files.push_back((source / "graph/optimize.hpp").string());
  files.push_back((source / "graph/tensor.hpp").string());
  Comments comments;
  for (const std::string& file : files) read_header(comments, file);
  return comments;
}

/// What the first example's hidden lines are.
constexpr auto context = R"(
<!-- snippet: before
#include <ctgrad/ctgrad.hpp>
namespace cg = ctgrad;
-->)";

bool print(const Section& section, const Comments& comments) {
  bool whole = true;
  std::cout << "\n## " << section.title << "\n\n| call | what it gives |\n|---|---|\n";
  for (const std::string& name : section.names) {
    const auto found = comments.functions.find(name);
    if (found == comments.functions.end()) {
      std::cerr << "operations: no header documents " << name << "\n";
      whole = false;
      continue;
    }
    for (const Function& function : found->second)
      std::cout << "| " << code(function.call) << " | " << cell(function.words) << " |\n";
    if (!begins_with(name, "operator") && section.example.find("cg::" + name) == std::string::npos) {
      std::cerr << "operations: the example of \"" << section.title << "\" does not call " << name << "\n";
      whole = false;
    }
  }
  std::cout << (&section == &sections.front() ? context : "") << "\n```cpp\n"
            << section.example << "```\n"
            << section.note;
  return whole;
}

/// Says whether every public function of ops/ is in a section or left out on purpose.
bool all_shown(const Comments& comments) {
  bool whole = true;
  for (const auto& [name, overloads] : comments.functions) {
    bool shown = std::ranges::count(left_out, name) != 0;
    for (const Section& section : sections) shown = shown || std::ranges::count(section.names, name) != 0;
    if (shown) continue;
    std::cerr << "operations: no section shows " << overloads.front().call
              << " (docs/generator/sections.hpp)\n";
    whole = false;
  }
  return whole;
}

std::string text(const ctgrad::Type& type) {
  const std::string kind = type.kind == ctgrad::Kind::real ? "" : std::string(to_string(type.kind)) + " ";
  return kind + to_string(type.shape);
}

/// The operands and the result of the sample that tells most: of the highest rank, its extents above 1.
template <class Op>
std::string shapes() {
  const ctgrad::Samples samples = Op::samples();
  const ctgrad::Sample* best = nullptr;
  int most = -1;
  for (const ctgrad::Sample& sample : samples.accepted) {
    int rank = 0;
    bool plain = true;
    for (const auto& operand : sample.operands) {
      rank += operand.type.shape.rank;
      for (int axis = 0; axis < operand.type.shape.rank; ++axis)
        plain = plain && operand.type.shape[axis] > 1;
    }
    if (!plain) rank = 0;
    if (rank > most) best = &sample;
    most = std::max(most, rank);
  }
  if (best == nullptr) return "";
  std::vector<ctgrad::Type> types;
  std::string line;
  for (const auto& operand : best->operands) {
    types.push_back(operand.type);
    line += (line.empty() ? "" : ", ") + text(operand.type);
  }
  line += (line.empty() ? "" : " ") + std::string("→ ");
  if constexpr (requires { &Op::results; }) {
    ctgrad::Type results[ctgrad::max_operands];
    const int count = Op::results(types.data(), best->attributes, results);
    for (int i = 0; i < count; ++i) line += (i > 0 ? ", " : "") + text(results[i]);
    return line;
  } else if constexpr (requires { &Op::infer; }) {
    if (!types.empty()) return line + text(Op::infer(types.data(), best->attributes));
  }
  return line + text(best->result);
}

const char* linearity_of(ctgrad::Linearity linearity) {
  switch (linearity) {
    case ctgrad::Linearity::constant:
      return "constant";
    case ctgrad::Linearity::linear:
      return "linear";
    case ctgrad::Linearity::bilinear:
      return "bilinear";
    case ctgrad::Linearity::nonlinear:
      return "nonlinear";
  }
  return "";
}

bool print_registry(const Comments& comments) {
  bool whole = true;
  boost::hana::for_each(ctgrad::ops::registry, [&](auto type) {
    using Op = typename decltype(type)::type;
    const std::string name(Op::name);
    const auto found = comments.operations.find(name);
    whole = whole && found != comments.operations.end();
    std::cout << "| `" << name << "` | " << (found == comments.operations.end() ? "" : cell(found->second))
              << " | " << shapes<Op>() << " | " << linearity_of(Op::linearity) << " |\n";
  });
  if (!whole) std::cerr << "operations: an operation's struct is in no header of ops/\n";
  return whole;
}

constexpr auto intro = R"(# Operations

<!-- ./dev docs writes this page from the headers' comments and the registry of operations: edit those. -->
In what follows `cg` is `ctgrad`. Binary operations broadcast as NumPy's do, and a plain number joins every tensor. The types on the left
of examples say the shapes.
)";

constexpr auto initialisers = R"(
## Initialisers

`Parameter<initialiser, extents...>` is a tensor of a model that training changes. An initialiser of your own is an object with
a member `draw(random, shape)`.

| initialiser | draws |
|---|---|
| `init::zeros`, `init::ones` | 0; 1 |
| `init::glorot_uniform` | uniform in ±sqrt(6 / (inputs + outputs)), for a weight [..., inputs, outputs] |
| `init::Uniform{0.05}` | uniform in ±0.05 |
| `init::Normal{0.02}` | normal, of mean 0 and deviation 0.02 |

```cpp
struct Scale {
  BOOST_HANA_DEFINE_STRUCT(Scale, (cg::Parameter<cg::init::ones, 8>, scale), (cg::Parameter<cg::init::Normal{0.1}, 4, 8>, weight));
};
```
)";

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const Comments comments = read_headers(argv[1]);
  bool whole = all_shown(comments);
  std::cout << intro;
  for (const Section& section : sections) whole = print(section, comments) && whole;
  std::cout << initialisers
            << "\n## The graph's operations\n\nWhat a graph's nodes are, in the registry's order. What a "
               "node does not "
            << "need costs nothing; how an operation is added is in\nCONTRIBUTING.md. Shapes are those of "
               "one of its samples.\n\n"
            << "| name | formula | shapes | in its real operands |\n|---|---|---|---|\n";
  whole = print_registry(comments) && whole;
  return whole ? 0 : 1;
}
