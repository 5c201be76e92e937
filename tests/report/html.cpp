#include <ctgrad/report/report.hpp>

#include <support/catch.hpp>

#include "markup.hpp"

#include <fstream>
#include <iterator>
#include <random>

namespace ctgrad::report {

namespace {

using test::Element;

const std::string nasty = "<b>&amp; \"it's\"</b>\n\x01\xFF";

/// A report with everything in it, all of whose texts would break careless markup.
Report everything() {
  Report page(nasty);
  page.section(nasty).paragraph(nasty);
  page.table({{nasty, "n"}, {false, true}, {{{nasty, "1"}, 2, "group"}, {{"b", "2"}, 0, ""}}}, nasty);
  History history;
  history.add(1, 2.5, 0.1);
  history.add(2, 0.5, 0.9);
  add_history(page, history);
  page.section("samples").samples({{{nasty, "b"}, {nasty, "c"}, {nasty, "b"}}});
  page.figures({heatmaps(std::vector<Heatmap>{{nasty, {nasty}, {"a", nasty}, {0.25, 0.75}}}, {0, 1}, nasty)},
               nasty);
  Boxes graph;
  graph.boxes = {{nasty, "1", nasty, BoxKind::leaf, false}, {"add", "1", nasty, BoxKind::elementwise, true}};
  graph.edges = {{0, 1}};
  page.folded(nasty, drawing_legend() + draw(graph, nasty));
  SummaryRun run{30, 10, 2, 640, {{nasty, 2, 30}}};
  add_summary(page, {{{nasty, nasty, 0, false, shape_of(2, 3), 6, 24, 20}}, 6, 24, run});
  return page;
}

/// A folder of its own, gone in the end.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("ctgrad-report-" + std::to_string(std::random_device{}()));
  Folder() { std::filesystem::create_directory(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a report is well-formed whatever its texts are", "[report]") {
  const std::string html = everything().html();
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  const Element root = test::read_markup(html);
  CHECK(root.all("svg").size() == 5);
  CHECK(root.all("h1")[0]->text == "<b>&amp; \"it's\"</b>\n␁\\xFF");
  CHECK(root.all("title")[0]->text == root.all("h1")[0]->text);
  CHECK(root.all("b").empty());
}

TEST_CASE("a report needs nothing from elsewhere and runs nothing", "[report]") {
  const std::string html = everything().html();
  const Element root = test::read_markup(html);
  for (const char* loading : {"script", "link", "img", "image", "iframe", "object", "use"})
    CHECK(root.all(loading).empty());
  for (const char* loading : {"url(", "@import", "src=", "http:", "https:", "javascript"})
    CHECK(html.find(loading) == std::string::npos);
}

TEST_CASE("the list of sections leads to each of them", "[report]") {
  const Element root = test::read_markup(everything().html());
  const auto links = root.all("a"), heads = root.all("h2");
  REQUIRE(links.size() == 2);
  REQUIRE(heads.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(links[i]->at("href") == "#" + heads[i]->at("id"));
    CHECK(links[i]->text == heads[i]->text);
  }
  CHECK(heads[0]->at("id") != heads[1]->at("id"));
}

TEST_CASE("of a prediction exactly the wrong tokens are marked", "[report]") {
  Report page("t");
  page.samples({{{"1", "2", "3"}, {"a", "x", "<", "\n"}, {"a", "b", "<"}}, {{}, {"a"}, {"a", "b"}}});
  const Element root = test::read_markup(page.html());
  const auto marks = root.all("mark");
  REQUIRE(marks.size() == 3);
  CHECK(marks[0]->text == "x");
  CHECK(marks[1]->text == "↵");  // one too many
  CHECK(marks[2]->text == "·");  // one that is missing
  const auto rows = root.all("table", "samples")[0]->all("tr");
  REQUIRE(rows.size() == 6);
  CHECK(rows[1]->words() == "predictionax<↵");
  CHECK(rows[2]->all("mark").empty());
}

TEST_CASE("a table's cells stand under their heads, indented by depth", "[report]") {
  Report page("t");
  page.table({{"name", "count"}, {false, true}, {{{"outer", "3"}, 0, "group"}, {{"inner", "4"}, 2, ""}}},
             "c");
  const Element table = *test::read_markup(page.html()).all("table").at(0);
  CHECK(table.words() == "cnamecountouter3inner4");
  CHECK(table.all("th")[1]->at("class") == "number");
  const auto cells = table.all("td");
  CHECK(cells[3]->at("class") == "number");
  CHECK_FALSE(cells[0]->attributes.contains("style"));
  CHECK(cells[2]->at("style") == "padding-left: 36px");
  CHECK_THROWS_WITH(page.table({{"a", "b"}, {}, {{{"1"}, 0, ""}}}),
                    "report: table: expected rows of 2 cells, got one of 1");
}

TEST_CASE("a summary's table has its numbers and their sums", "[report]") {
  const SummaryRun run{1234567, 1000, 2, 640, {{"matmul", 2, 1234000}, {"add", 1, 567}}};
  const Summary summary{{{"dense", "dense", 0, true, {}, 1500, 6000, 1233567},
                         {"weight", "dense.weight", 1, false, shape_of(40, 30), 1200, 4800, 1233000},
                         {"bias", "dense.bias", 1, false, shape_of(300), 300, 1200, 567}},
                        1500,
                        6000,
                        run};
  const Table table = table_of(summary);
  REQUIRE(table.rows.size() == 5);
  CHECK(table.rows[0].cells == std::vector<std::string>{"dense", "", "1,500", "6,000", "1,233,567"});
  CHECK(table.rows[1].cells == std::vector<std::string>{"weight", "40×30", "1,200", "4,800", "1,233,000"});
  CHECK(table.rows[1].depth == 1);
  CHECK(table.rows[3].cells == std::vector<std::string>{"without parameters", "", "", "", "1,000"});
  CHECK(table.rows[4].cells == std::vector<std::string>{"total", "", "1,500", "6,000", "1,234,567"});
  CHECK(table_of(run).rows[0].cells == std::vector<std::string>{"matmul", "2", "1,234,000", "100.0 %"});
  CHECK(table_of(run).rows[1].cells.back() == "0.0 %");
  Report page("t");
  add_summary(page, summary);
  CHECK(page.html().find("1,500 parameters in 5.9 KiB") != std::string::npos);
}

TEST_CASE("a report is written whole, over what was there", "[report]") {
  const Folder folder;
  const Report page = everything();
  const auto path = folder.path / "report.html";
  std::ofstream(path) << std::string(3 << 20, 'x');
  page.write(path);
  CHECK(contents(path) == page.html());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a report that cannot be written says where, and leaves nothing", "[report]") {
  const Folder folder;
  const Report page("t");
  const auto nowhere = folder.path / "missing" / "report.html";
  CHECK_THROWS_WITH(page.write(nowhere), test::contains("report: " + nowhere.string() + ": expected a file"));
  CHECK_THROWS_WITH(page.write(folder.path / "missing" / "\x1B[31m"),
                    test::contains("missing/\\x1B[31m: expected"));
  const auto taken = folder.path / "taken";
  std::filesystem::create_directories(taken / "inside");
  CHECK_THROWS_AS(page.write(taken), std::runtime_error);
  CHECK(std::filesystem::exists(taken / "inside"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

}  // namespace ctgrad::report
