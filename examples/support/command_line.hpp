#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

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

  /// `option` reads like "--steps". Whole numbers are decimal digits; counts must be at least 1, or 0 where
  /// that is `least`.
  CommandLine& add(const std::string& option, std::string& value, const std::string& help);
  CommandLine& add(const std::string& option, std::uint64_t& value, const std::string& help);
  CommandLine& add(const std::string& option, double& value, const std::string& help);
  CommandLine& add_count(const std::string& option, std::size_t& value, const std::string& help,
                         std::size_t least = 1);
  CommandLine& add_flag(const std::string& option, bool& value, const std::string& help);

  /// Reads the arguments. False if the program should end with `exit_code()`: 0 after --help, 2 after an
  /// error, which was printed.
  bool parse(int argc, char** argv);
  int exit_code() const { return exit_code_; }

 private:
  std::unique_ptr<CLI::App> app_;
  int exit_code_ = 0;
};
