#include "command_line.hpp"

#include <CLI/CLI.hpp>

CommandLine::CommandLine(const std::string& name, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {}

CommandLine::~CommandLine() = default;

CommandLine& CommandLine::add(const std::string& option, std::string& value, const std::string& help) {
  app_->add_option(option, value, help)->capture_default_str();
  return *this;
}

CommandLine& CommandLine::add(const std::string& option, std::uint64_t& value, const std::string& help) {
  app_->add_option(option, value, help)->capture_default_str();
  return *this;
}

CommandLine& CommandLine::add(const std::string& option, double& value, const std::string& help) {
  app_->add_option(option, value, help)->capture_default_str();
  return *this;
}

CommandLine& CommandLine::add_count(const std::string& option, std::size_t& value, const std::string& help,
                                    std::size_t least) {
  CLI::Option* const added = app_->add_option(option, value, help)->capture_default_str();
  if (least > 0) {
    added->check(CLI::PositiveNumber);
  } else {  // CLI11 takes -1 for the largest number
    added->check([](const std::string& text) { return text.starts_with('-') ? text + " is below 0" : ""; });
  }
  return *this;
}

CommandLine& CommandLine::add_flag(const std::string& option, bool& value, const std::string& help) {
  app_->add_flag(option, value, help);
  return *this;
}

bool CommandLine::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    exit_code_ = app_->exit(error);
    return false;
  }
}
