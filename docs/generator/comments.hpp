#pragma once

#include <cstddef>
#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

/// What headers say of themselves: the documentation comments in front of public functions and of operations.
namespace documentation {

/// How a public function is called, `sum<Axes...>(x)`, and its comment.
struct Function {
  std::string call;
  std::string words;
};

struct Comments {
  std::map<std::string, std::vector<Function>> functions;  ///< by name, overloads in their order
  std::map<std::string, std::string> operations;           ///< by the operation's name, of its struct
};

inline bool begins_with(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

/// The text between the parenthesis (or other bracket) at `begin` and the one that closes it.
inline std::string within(const std::string& text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    depth += text[i] == text[begin] ? 1 : 0;
    depth -= text[i] == (text[begin] == '(' ? ')' : '>') ? 1 : 0;
    if (depth == 0) return text.substr(begin + 1, i - begin - 1);
  }
  throw std::runtime_error("a bracket does not close in: " + text);
}

/// The parts of a list between commas that lie in no bracket.
inline std::vector<std::string> parts(const std::string& list) {
  std::vector<std::string> found(1);
  int depth = 0;
  for (const char c : list) {
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
    if (c == ',' && depth == 0) {
      found.emplace_back();
    } else if (c != ' ' || !found.back().empty()) {
      found.back() += c;
    }
  }
  if (found.back().empty()) found.pop_back();
  return found;
}

inline std::string last_word(const std::string& text) {
  const std::size_t space = text.find_last_of(" &.");
  return space == std::string::npos ? text : text.substr(space + 1);
}

/// The template arguments that a caller writes: those that no parameter tells the compiler.
inline std::string written_arguments(const std::string& head, const std::string& parameters) {
  std::string list;
  for (const std::string& part : parts(head)) {
    const std::string declared = part.substr(0, part.find(" ="));
    const bool pack = declared.find("...") != std::string::npos;
    const std::string name = last_word(declared);
    bool written = false;
    for (const char* kind : {"int", "Size", "Mode", "Rate", "Optimize", "Tree", "ops::ArrayOfNumbers"})
      written = written || begins_with(part, kind);
    const bool deduced = std::regex_search(parameters, std::regex("\\b" + name + "\\b"));
    if (!written || deduced) continue;
    list += (list.empty() ? "" : ", ") + name + (pack ? "..." : "");
  }
  return list.empty() ? "" : "<" + list + ">";
}

/// `a + b`, `-x` or `name<Written>(names of parameters)`.
inline std::string call_of(const std::string& name, const std::string& head, const std::string& parameters) {
  std::vector<std::string> names;
  for (const std::string& parameter : parts(parameters)) {
    const std::string declared = parameter.substr(0, parameter.find(" ="));
    const bool pack = declared.find("...") != std::string::npos && declared.find("...>") == std::string::npos;
    const std::string word = last_word(declared);
    names.push_back((word == "Keep" ? "keep" : word) + (pack ? "..." : ""));
  }
  if (begins_with(name, "operator")) {
    const std::string symbol = name.substr(8);
    return names.size() == 1 ? symbol + names[0] : names[0] + " " + symbol + " " + names[1];
  }
  std::string list;
  for (const std::string& word : names) list += (list.empty() ? "" : ", ") + word;
  return name + written_arguments(head, parameters) + "(" + list + ")";
}

/// Notes a declaration with its comment, if it is a function of tensors, trees or functions.
inline void note_function(Comments& comments, const std::string& declaration, const std::string& words) {
  const std::size_t at = declaration.find("constexpr ");
  if (at == std::string::npos || begins_with(words, "Not for use")) return;
  const std::size_t open = declaration.find('(', at);
  if (open == std::string::npos || declaration.find("struct ") != std::string::npos) return;
  const std::size_t begin = declaration.find_last_of(" ", open) + 1;
  const std::string name = declaration.substr(begin, open - begin);
  const std::string parameters = within(declaration, open);
  const std::string result = declaration.substr(at + 10, begin - at - 10);
  if (begins_with(result, "double ") || begins_with(result, "Optimize ")) return;
  const std::string types = declaration.substr(at, open - at) + " " + parameters;
  for (const char* inner : {"Value ", "Graph&", "TangentArguments", "TransposeArguments", "BatchArguments",
                            "Shape ", "Shape&", "Attributes"}) {
    if (types.find(inner) != std::string::npos) return;
  }
  const std::size_t angle = declaration.find('<');
  const std::string head = angle < at ? within(declaration, angle) : "";
  comments.functions[name].push_back({call_of(name, head, parameters), words});
}

/// Adds a line of a comment; one of an example in it, which begins with blanks, is left out: the page has
/// examples of its own.
inline void add_words(std::string& words, const std::string& line) {
  if (line.empty()) return;
  if (begins_with(line, "    ")) {
    if (!words.empty() && words.back() == ':') words.back() = '.';
    return;
  }
  words += (words.empty() ? "" : " ") + line;
}

/// Adds what a header says.
inline void read_header(Comments& comments, const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("no header " + file);
  std::string words, of_struct, declaration;
  bool inside = false, declaring = false;  // in namespace ctgrad; between a comment and its declaration's end
  for (std::string line; std::getline(in, line);) {
    if (begins_with(line, "namespace ")) inside = line == "namespace ctgrad {";
    if (begins_with(line, "}  // namespace ")) inside = !begins_with(line, "}  // namespace ctgrad");
    if (begins_with(line, "///")) {
      if (declaring || words.empty()) words.clear();
      declaring = false;
      add_words(words, line.size() > 4 ? line.substr(4) : "");
      continue;
    }
    if (begins_with(line, "struct ")) of_struct = words;
    const std::string before_name = "static constexpr auto name = \"";
    if (const std::size_t at = line.find(before_name); at != std::string::npos) {
      const std::size_t begin = at + before_name.size();
      comments.operations[line.substr(begin, line.find('"', begin) - begin)] = of_struct;
    }
    if (!declaring && !words.empty()) {
      declaring = true;
      declaration.clear();
    }
    if (!declaring) continue;
    declaration += line + " ";
    if (line.find_first_of("{;") == std::string::npos && !line.empty()) continue;
    if (inside) note_function(comments, declaration, words);
    words.clear();
    declaring = false;
  }
}

}  // namespace documentation
