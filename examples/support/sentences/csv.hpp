#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sentences {

/// A line of a table: its fields, and the line of the file that it begins at, from 1.
struct CsvRecord {
  std::vector<std::string> fields{};
  std::size_t line = 0;
};

/// The records of comma-separated values (RFC 4180): a field in quotation marks may hold commas, newlines and
/// doubled quotation marks. Lines end with LF or CRLF; empty ones are left out, as is a byte-order mark.
/// Throws std::invalid_argument, "FILE: line 7: expected ..., got ...", for a quotation mark within a field
/// that has none around it, for what follows a field's last one, and where the last one is missing.
std::vector<CsvRecord> parse_csv(std::string_view text, const std::string& file);

/// Two texts, and how similar people find them.
struct ScoredPair {
  std::string first, second;
  double score = 0;
};

/// Reads records of two texts and a number from 0 on. Throws what parse_csv and io::read_file throw, and
/// std::invalid_argument, naming file and line, for other records, and where there is none.
std::vector<ScoredPair> read_scored_pairs(const std::filesystem::path& path);

}  // namespace sentences
