#include "../../examples/support/sentences/csv.hpp"
#include "../../examples/support/sentences/index.hpp"
#include "../../examples/support/sentences/passages.hpp"
#include "../../examples/support/sentences/texts.hpp"

#include "../../examples/support/numbers.hpp"

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>
#include <iterator>

namespace {

using namespace sentences;
using ctgrad::test::TemporaryFolder;

std::vector<std::vector<std::string>> fields_of(const std::string& text) {
  std::vector<std::vector<std::string>> fields;
  for (const CsvRecord& record : parse_csv(text, "F")) fields.push_back(record.fields);
  return fields;
}

using Fields = std::vector<std::vector<std::string>>;

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The passages of a text as texts, and their lines, where `most` bytes fit.
std::vector<std::pair<std::string, std::uint64_t>> cut(const std::string& text, std::size_t most = 1000) {
  std::vector<std::pair<std::string, std::uint64_t>> passages;
  for (const Passage& passage :
       passages_of(text, [most](std::string_view rest) { return std::min(rest.size(), most); }))
    passages.emplace_back(text.substr(passage.begin, passage.end - passage.begin), passage.line);
  return passages;
}

using Cut = std::vector<std::pair<std::string, std::uint64_t>>;

Index small_index() {
  return {"/a/folder",
          {0.6f, 0.8f},
          {{"a.txt", ~std::uint64_t{0}, 2}, {"b/c.txt", 7, 0}, {"d.txt", 1, 1}},
          {{0, 4, 1}, {6, 9, 3}, {2, 3, 1}},
          {2, {1, 0, 0, 1, 0.6f, -0.8f}}};
}

void save(const std::filesystem::path& path, const Index& index) {
  ctgrad::io::FileLock lock(path);
  write_index(lock, index);
}

}  // namespace

TEST_CASE("fields of CSV may be quoted, and hold commas, newlines and quotation marks then") {
  CHECK(fields_of("a,b,1\nc,\"d, \"\"e\"\"\",2.5\n") == Fields{{"a", "b", "1"}, {"c", "d, \"e\"", "2.5"}});
  CHECK(fields_of("\"two\nlines\",\"\"\n,x") == Fields{{"two\nlines", ""}, {"", "x"}});
  CHECK(fields_of("\xEF\xBB\xBF"
                  "a,b\r\n\r\n\"c\",d\r\n") == Fields{{"a", "b"}, {"c", "d"}});
  CHECK(fields_of("a,") == Fields{{"a", ""}});
  CHECK(fields_of("a\rb,c\r") == Fields{{"a\rb", "c"}});
  CHECK(fields_of("").empty());
  CHECK(parse_csv("\"two\nlines\"\n\nb", "F")[1].line == 4);
}

TEST_CASE("what is no CSV is refused by its line") {
  CHECK_THROWS_WITH(parse_csv("a\nb\"c,d", "F"),
                    "F: line 2: expected quotation marks around a field that holds some, got b\"c");
  CHECK_THROWS_WITH(parse_csv("\"a\"b", "F"),
                    "F: line 1: expected a comma or the line's end behind a field, got 'b'");
  CHECK_THROWS_WITH(parse_csv("a\n\"b\n\nc,d\n", "F"),
                    "F: line 2: expected a quotation mark at the field's end, got the file's end");
}

TEST_CASE("scored pairs are two texts and a number") {
  const TemporaryFolder folder;
  const auto path = folder / "pairs.csv";
  const auto refusal = [&](const std::string& text) {
    write(path, text);
    try {
      read_scored_pairs(path);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what()).substr(path.string().size());
    }
    return std::string("none");
  };
  write(path, "A girl.,\"A boy, then.\",2.5\n");
  const std::vector<ScoredPair> pairs = read_scored_pairs(path);
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].second == "A boy, then.");
  CHECK(pairs[0].score == 2.5);
  CHECK(refusal("a,b,1\nc,d\n") == ": line 2: expected 3 fields, two texts and a score, got 2");
  CHECK(refusal("a,b,x\n") ==
        ": line 1: score: expected " + numbers::words(numbers::RealRange{}) + ", got x");
  CHECK(refusal("\n") == ": expected pairs of texts, got none");
}

TEST_CASE("a text's lines are texts, the empty ones too") {
  CHECK(lines_of_text("a\r\n\nb") == std::vector<std::string>{"a", "", "b"});
  CHECK(lines_of_text("").empty());
  CHECK(lines_of_text("\n") == std::vector<std::string>{""});
}

TEST_CASE("passages are paragraphs, with their lines, and all of a text is in one") {
  CHECK(cut("one\ntwo\n\n \t\n  three \nfour\n") == Cut{{"one\ntwo", 1}, {"three \nfour", 5}});
  CHECK(cut("\n\nonly") == Cut{{"only", 3}});
  CHECK(cut(" \n").empty());
  CHECK(cut("aa bb\ncc dd", 7) == Cut{{"aa bb", 1}, {"cc dd", 2}});
  CHECK(cut("aa bb cc", 5) == Cut{{"aa bb", 1}, {"cc", 1}});
  CHECK(cut("aaaaaaa bb", 3) == Cut{{"aaa", 1}, {"aaa", 1}, {"a", 1}, {"bb", 1}});
  CHECK_THROWS_AS(passages_of("a", [](std::string_view) { return 0; }), std::logic_error);
  CHECK(on_one_line(" a\n\n b\tc\x1B ", 100) == "a b c\\x1B");
}

TEST_CASE("an index is read as it was written") {
  const TemporaryFolder folder;
  const Index index = small_index();
  save(folder / "i", index);
  const Index again = read_index(folder / "i", 2);
  CHECK(again.folder == index.folder);
  CHECK(again.probe == index.probe);
  CHECK(again.passages == index.passages);
  CHECK(again.embeddings.numbers == index.embeddings.numbers);
  REQUIRE(again.files.size() == 3);
  CHECK(again.files[1].path == "b/c.txt");
  CHECK(again.files[0].hash == index.files[0].hash);
  CHECK(again.begins() == std::vector<std::size_t>{0, 2, 2, 3});
  CHECK(folder.names() == std::vector<std::string>{"i"});
}

TEST_CASE("an index is refused wherever a byte of it is damaged, and where it is cut off") {
  const TemporaryFolder folder;
  save(folder / "i", small_index());
  const std::string whole = read(folder / "i");
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    write(folder / "i", damaged);
    try {
      read_index(folder / "i", 2);
    } catch (const std::exception&) {
      ++refused;
    }
  }
  CHECK(refused == whole.size());
  write(folder / "i", whole.substr(0, whole.size() - 1));
  CHECK_THROWS(read_index(folder / "i", 2));
  write(folder / "i", "no index");
  CHECK_THROWS(read_index(folder / "i", 2));
}

TEST_CASE("an index that was written wrong is refused by what is wrong") {
  const TemporaryFolder folder;
  const auto refusal = [&](const Index& index, std::size_t width = 2) {
    save(folder / "i", index);
    try {
      read_index(folder / "i", width);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what()).substr((folder / "i").string().size());
    }
    return std::string("none");
  };
  CHECK(refusal(small_index()) == "none");
  CHECK(refusal(small_index(), 3) == ": expected probe [3], got [2]");
  Index index = small_index();
  index.files[0].passages = 3;
  CHECK(refusal(index) == ": expected 3 passages in its files, got 4");
  index = small_index();
  index.passages[1].end = 6;
  CHECK(refusal(index) == ": expected passages in order, got others");
  index = small_index();
  index.embeddings.numbers[0] = 2;
  CHECK(refusal(index) == ": expected vectors of length 1, got one of 2.000000");
}

TEST_CASE("the nearest vectors come first, of equally near ones the first") {
  const Embeddings rows{2, {1, 0, 0, 1, 1, 0, 0.6f, 0.8f}};
  const auto found = nearest(rows, rows[0], 3, 0);
  REQUIRE(found.size() == 3);
  CHECK(found[0].text == 2);
  CHECK(found[1].text == 3);
  CHECK(found[2].text == 1);
  CHECK(nearest(rows, rows[1], 1)[0].text == 1);
  CHECK(nearest(rows, rows[0], 9).size() == 4);
  CHECK(nearest(rows, rows[2], 2)[0].text == 0);
}
