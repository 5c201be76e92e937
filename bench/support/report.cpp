#include "report.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

/// Says that a file cannot be written, for the reason that errno has.
[[noreturn]] void refuse(const std::string& path) {
  throw std::runtime_error(path + ": cannot be written: " + std::strerror(errno));
}

}  // namespace

void require_writable(const std::string& path) {
  if (!path.empty() && !std::ofstream(path, std::ios::app)) refuse(path);
}

std::string processor() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unnamed processor";
}

std::string Report::where() const {
  return processor() + ", " + std::to_string(bits_) + "-bit vectors, " + flags_;
}

void Report::write(const std::string& path, bool met) const {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& [name, figures] : rows_) {
    nlohmann::ordered_json row{{"name", name}};
    for (const auto& [figure, number] : figures) row[figure] = number;
    rows.push_back(std::move(row));
  }
  const nlohmann::ordered_json report{{"benchmark", benchmark_},
                                      {"processor", processor()},
                                      {"vector_bits", bits_},
                                      {"compiled_by", flags_},
                                      {"rows", rows},
                                      {"met", met}};
  std::ofstream file(path);
  file << report.dump(2) << '\n';
  file.close();
  if (!file) refuse(path);
}

}  // namespace bench
