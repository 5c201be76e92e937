#pragma once

#include <ctgrad/io/replace_file.hpp>
#include <ctgrad/report/style.hpp>
#include <ctgrad/report/svg.hpp>

#include <filesystem>
#include <span>
#include <stdexcept>
#include <system_error>

/// Reports: one HTML file that needs nothing else.
namespace ctgrad::report {

struct Row {
  std::vector<std::string> cells;
  std::size_t depth = 0;  ///< how far the first cell is indented
  std::string kind;       ///< "group" or "total"; empty for most
};

/// A table whose columns hold words or numbers.
struct Table {
  std::vector<std::string> head;
  std::vector<bool> numeric;  ///< of every column; those that are not named hold words
  std::vector<Row> rows;
};

/// What a model was given, what it made of it and what would have been right.
struct Sample {
  std::vector<std::string> input;
  std::vector<std::string> prediction;
  std::vector<std::string> target;
};

/// A report under construction, from above to below:
///
///     report::Report page("Reversing sequences");
///     page.paragraph("A Transformer encoder of 2 layers.");
///     page.section("Training");
///     page.figure(line_chart({history.loss()}, {.y_label = "loss"}), "The loss of the last batch.");
///     page.write("report.html");
class Report {
 public:
  explicit Report(std::string title) : title_(std::move(title)) {}

  Report& section(const std::string& title) {
    const std::string id = "section-" + std::to_string(++sections_);
    body_ += element("h2", {{"id", id}}, text_of(title));
    contents_ += element("a", {{"href", "#" + id}}, text_of(title));
    return *this;
  }

  Report& paragraph(std::string_view words) { return add(element("p", text_of(words))); }

  /// A drawing, or several side by side, with words below.
  Report& figure(const Markup& drawing, std::string_view caption) {
    return add(element("figure", element("div", {{"class", "row"}}, drawing) + caption_of(caption)));
  }

  /// Drawings below each other.
  Report& figures(const std::vector<Markup>& drawings, std::string_view caption) {
    Markup all;
    for (const Markup& drawing : drawings) all += drawing;
    return add(element("figure", all + caption_of(caption)));
  }

  /// Something large that one opens by a click on `summary`, in a frame that scrolls.
  Report& folded(std::string_view summary, const Markup& drawing) {
    const Markup frame = element("div", {{"class", "scroll"}, {"tabindex", "0"}}, drawing);
    return add(element("details", element("summary", text_of(summary)) + frame));
  }

  /// Throws std::invalid_argument for a row that has not a cell for every column.
  Report& table(const Table& table, std::string_view caption = "");

  /// Wrong tokens are marked; so are missing and superfluous ones.
  Report& samples(const std::vector<Sample>& samples);

  Report& add(const Markup& markup) {
    body_ += markup;
    body_.text += "\n";
    return *this;
  }

  /// The whole file, well-formed as XML too.
  std::string html() const {
    const Markup head = leaf("meta", {{"charset", "utf-8"}}) +
                        leaf("meta", {{"name", "viewport"}, {"content", "width=device-width"}}) +
                        element("title", text_of(title_)) + element("style", Markup{std::string(style)});
    Markup body = element("h1", text_of(title_));
    if (sections_ > 1) body += element("nav", contents_);
    return "<!DOCTYPE html>\n" +
           element("html", {{"lang", "en"}}, element("head", head) + element("body", body + body_)).text +
           "\n";
  }

  /// Writes the file whole or not at all: what lay there stays until the new one is complete. Throws
  /// std::runtime_error, naming the file.
  void write(const std::filesystem::path& path) const;

 private:
  static Markup caption_of(std::string_view words) {
    return words.empty() ? Markup{} : element("figcaption", text_of(words));
  }

  std::string title_;
  Markup contents_;
  Markup body_;
  int sections_ = 0;
};

namespace tables {

inline bool is_numeric(const Table& table, std::size_t column) {
  return column < table.numeric.size() && table.numeric[column];
}

inline Markup row(const Table& table, const Row& row, std::string_view tag) {
  Markup cells;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string kind = is_numeric(table, i) ? "number" : "word";
    if (i == 0 && row.depth > 0) {
      const std::string indent = "padding-left: " + std::to_string(18 * row.depth) + "px";
      cells += element(tag, {{"class", kind}, {"style", indent}}, text_of(row.cells[i]));
    } else {
      cells += element(tag, {{"class", kind}}, text_of(row.cells[i]));
    }
  }
  return row.kind.empty() ? element("tr", cells) : element("tr", {{"class", row.kind}}, cells);
}

/// A row of tokens; those that are not as they should be are marked.
inline Markup tokens(std::string_view name, const std::vector<std::string>& tokens,
                     const std::vector<std::string>* target) {
  Markup cells = element("th", text_of(name));
  const std::size_t count = std::max(tokens.size(), target == nullptr ? 0 : target->size());
  for (std::size_t i = 0; i < count; ++i) {
    const Markup token = text_of(i < tokens.size() ? visible(tokens[i]) : "·");
    const bool right =
        target == nullptr || (i < tokens.size() && i < target->size() && tokens[i] == (*target)[i]);
    cells += element("td", right ? token : element("mark", token));
  }
  return element("tr", cells);
}

}  // namespace tables

inline Report& Report::table(const Table& table, std::string_view caption) {
  Markup body;
  for (const Row& row : table.rows) {
    if (row.cells.size() != table.head.size()) {
      throw std::invalid_argument("report: table: expected rows of " + std::to_string(table.head.size()) +
                                  " cells, got one of " + std::to_string(row.cells.size()));
    }
    body += tables::row(table, row, "td");
  }
  const Markup head = element("thead", tables::row(table, {table.head, 0, ""}, "th"));
  const Markup words = caption.empty() ? Markup{} : element("caption", text_of(caption));
  return add(element("table", words + head + element("tbody", body)));
}

inline Report& Report::samples(const std::vector<Sample>& samples) {
  Markup bodies;
  for (const Sample& sample : samples) {
    bodies += element("tbody", tables::tokens("input", sample.input, nullptr) +
                                   tables::tokens("prediction", sample.prediction, &sample.target) +
                                   tables::tokens("target", sample.target, nullptr));
  }
  return add(element("table", {{"class", "samples"}}, bodies));
}

inline void Report::write(const std::filesystem::path& path) const {
  const std::string text = html();
  const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
  try {
    io::replace_file(path, {&bytes, 1});
  } catch (const std::system_error& error) {
    throw std::runtime_error("report: " + io::shown(path.native(), 1000) +
                             ": expected a file that can be written, got: " + error.what());
  }
}

}  // namespace ctgrad::report
