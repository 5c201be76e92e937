#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <limits>

namespace {

/// The number that a text of decimal digits says. Throws CLI::ValidationError, naming the option, if it is
/// any other text, or if the number is below `least` or needs more than 64 bits.
std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t least) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end && number >= least) return number;
  throw CLI::ValidationError(option, "expected a whole number from " + std::to_string(least) + " to " +
                                         std::to_string(std::numeric_limits<std::uint64_t>::max()) +
                                         ", got " + (text.empty() ? "none" : text));
}

/// CLI11's own conversion would take -1 and what needs more than 64 bits for the largest number, and 010
/// for 8.
void add_whole_number(CLI::App& app, const std::string& option, std::uint64_t& value, const std::string& help,
                      std::uint64_t least) {
  const auto read = [&value, option, least](const CLI::results_t& texts) {
    value = whole_number(option, texts.at(0), least);
    return true;
  };
  app.add_option(option, read, help, true, [&value] { return std::to_string(value); })->type_name("UINT");
}

}  // namespace

CommandLine::CommandLine(const std::string& name, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->failure_message([](const CLI::App* app, const CLI::Error& error) {
    return app->get_name() + ": " + CLI::FailureMessage::simple(app, error);
  });
}

CommandLine::~CommandLine() = default;

CommandLine& CommandLine::add(const std::string& option, std::string& value, const std::string& help) {
  app_->add_option(option, value, help)->capture_default_str();
  return *this;
}

CommandLine& CommandLine::add(const std::string& option, std::uint64_t& value, const std::string& help) {
  add_whole_number(*app_, option, value, help, 0);
  return *this;
}

CommandLine& CommandLine::add(const std::string& option, double& value, const std::string& help) {
  app_->add_option(option, value, help)->capture_default_str();
  return *this;
}

CommandLine& CommandLine::add_count(const std::string& option, std::size_t& value, const std::string& help,
                                    std::size_t least) {
  add_whole_number(*app_, option, value, help, least);
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
    exit_code_ = app_->exit(error) == 0 ? 0 : 2;
    return false;
  }
}
