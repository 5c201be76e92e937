#pragma once

#include "numbers.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

/// Options on the command line, each written into a variable that holds its default. A thin cover over CLI11,
/// which takes longer to compile than the programs that use it.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& description);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  /// `option` reads like "--steps". Numbers are read as numbers::whole and numbers::real read them; counts
  /// must be at least 1, or 0 where that is `least`.
  CommandLine& add(const std::string& option, std::string& value, const std::string& help);
  CommandLine& add(const std::string& option, std::uint64_t& value, const std::string& help);
  CommandLine& add(const std::string& option, double& value, const std::string& help,
                   numbers::RealRange range = {});
  CommandLine& add_count(const std::string& option, std::size_t& value, const std::string& help,
                         std::size_t least = 1, std::size_t most = numbers::largest_whole);
  CommandLine& add_flag(const std::string& option, bool& value, const std::string& help);

  /// What is no option, in its order; behind "--" all is.
  CommandLine& add_rest(const std::string& name, std::vector<std::string>& values, const std::string& help);

  /// Refuses an option where the other one is not there, as it would change nothing, or where it is.
  CommandLine& needs(const std::string& option, const std::string& other);
  CommandLine& excludes(const std::string& option, const std::string& other);

  /// Reads the arguments: "--steps 5" or "--steps=5", each option once. A value that is empty is none, and
  /// one that begins with "--" stands behind a "=", or it would be a forgotten value and the next option.
  /// False if the program should end with `exit_code()`: 0 after --help, 2 after an error, which was printed.
  bool parse(int argc, char** argv);
  int exit_code() const { return exit_code_; }

 private:
  template <class Value, class Range, class Parse>
  CommandLine& add_number(const std::string& option, Value& value, const std::string& help, Range range,
                          Parse number_of);
  void check(int argc, char** argv) const;
  void check_pairs(const std::set<std::string>& seen) const;

  std::unique_ptr<CLI::App> app_;
  std::map<std::string, std::string> expected_;  ///< of every option that takes a value, in words
  std::set<std::string> flags_;
  std::vector<std::pair<std::string, std::string>> needed_;    ///< an option, and the one that it needs
  std::vector<std::pair<std::string, std::string>> excluded_;  ///< an option, and one beside which it is none
  int exit_code_ = 0;
};
