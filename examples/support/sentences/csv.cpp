#include "csv.hpp"

#include <ctgrad/io/quoted.hpp>

#include "../numbers.hpp"
#include "../text.hpp"

#include <algorithm>
#include <stdexcept>

using ctgrad::io::in_quotes;
using ctgrad::io::shown;

namespace sentences {

namespace {

/// Reads records from a text's beginning on.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& file) : text_(text), file_(file) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text_.starts_with(mark)) text_.remove_prefix(mark.size());
  }

  bool has_more() const { return at_ < text_.size(); }

  CsvRecord record() {
    CsvRecord record{{}, line_};
    do {
      record.fields.push_back(next() == '"' ? quoted() : plain());
    } while (skip(','));
    skip('\r');
    if (has_more() && !skip('\n'))
      refuse("a comma or the line's end behind a field", in_quotes({&text_[at_], 1}));
    ++line_;
    return record;
  }

 private:
  /// A newline at the text's end.
  char next() const { return has_more() ? text_[at_] : '\n'; }

  bool skip(char character) {
    const bool is_there = has_more() && text_[at_] == character;
    at_ += is_there ? 1 : 0;
    return is_there;
  }

  std::string plain() {
    const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
    std::string_view field = text_.substr(at_, end - at_);
    at_ = end;
    if (field.ends_with('\r')) field.remove_suffix(1), --at_;
    if (field.find('"') != std::string_view::npos) {
      refuse("quotation marks around a field that holds some", shown(field));
    }
    return std::string(field);
  }

  std::string quoted() {
    std::string field;
    const std::size_t first_line = line_;
    for (++at_; has_more(); ++at_) {
      const char character = text_[at_];
      if (character == '"') {
        ++at_;
        if (next() != '"') return field;
      }
      if (character == '\n') ++line_;
      field += character;
    }
    line_ = first_line;
    refuse("a quotation mark at the field's end", "the file's end");
  }

  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    throw std::invalid_argument(file_ + ": line " + std::to_string(line_) + ": expected " + expected +
                                ", got " + got);
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, line_ = 1;
};

}  // namespace

std::vector<CsvRecord> parse_csv(std::string_view text, const std::string& file) {
  std::vector<CsvRecord> records;
  for (CsvReader reader(text, file); reader.has_more();) {
    CsvRecord record = reader.record();
    if (record.fields.size() != 1 || !record.fields[0].empty()) records.push_back(std::move(record));
  }
  return records;
}

std::vector<ScoredPair> read_scored_pairs(const std::filesystem::path& path) {
  const std::string file = shown(path.native(), 1000), text = read_text(path);
  std::vector<ScoredPair> pairs;
  for (CsvRecord& record : parse_csv(text, file)) {
    const std::string line = file + ": line " + std::to_string(record.line);
    if (record.fields.size() != 3) {
      throw std::invalid_argument(line + ": expected 3 fields, two texts and a score, got " +
                                  std::to_string(record.fields.size()));
    }
    const double score = numbers::real(line + ": score", record.fields[2]);
    pairs.push_back({std::move(record.fields[0]), std::move(record.fields[1]), score});
  }
  if (pairs.empty()) throw std::invalid_argument(file + ": expected pairs of texts, got none");
  return pairs;
}

}  // namespace sentences
