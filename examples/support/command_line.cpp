#include "command_line.hpp"

#include <ctgrad/io/quoted.hpp>

#include <CLI/CLI.hpp>

using ctgrad::io::shown;

namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& words) {
  throw CLI::ValidationError(option, words);
}

}  // namespace

CommandLine::CommandLine(const std::string& name, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->failure_message([](const CLI::App* app, const CLI::Error& error) {
    const bool ours = dynamic_cast<const CLI::ValidationError*>(&error) != nullptr;  // and fit to be shown
    return app->get_name() + ": " + (ours ? error.what() : shown(error.what(), 1000)) +
           "\nRun with --help for more information.\n";
  });
}

CommandLine::~CommandLine() = default;

CommandLine& CommandLine::add(const std::string& option, std::string& value, const std::string& help) {
  app_->add_option(option, value, help)->capture_default_str();
  expected_[option] = "a text";
  return *this;
}

/// CLI11's own conversion would take -1 and what needs more than 64 bits for the largest number, 010 for 8,
/// and "" for the number 0.
template <class Value, class Range, class Parse>
CommandLine& CommandLine::add_number(const std::string& option, Value& value, const std::string& help,
                                     Range range, Parse number_of) {
  const auto read = [&value, option, range, number_of](const CLI::results_t& texts) {
    try {
      value = number_of(option, texts.at(0), range);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError(error.what());
    }
    return true;
  };
  const auto default_text = [&value] {
    if constexpr (std::is_floating_point_v<Value>) {
      return numbers::text_of(value);
    } else {
      return std::to_string(value);
    }
  };
  app_->add_option(option, read, help, true, default_text)
      ->type_name(std::is_floating_point_v<Value> ? "FLOAT" : "UINT");
  expected_[option] = numbers::words(range);
  return *this;
}

CommandLine& CommandLine::add(const std::string& option, std::uint64_t& value, const std::string& help) {
  return add_number(option, value, help, numbers::WholeRange{}, numbers::whole);
}

CommandLine& CommandLine::add(const std::string& option, double& value, const std::string& help,
                              numbers::RealRange range) {
  return add_number(option, value, help, range, numbers::real);
}

CommandLine& CommandLine::add_count(const std::string& option, std::size_t& value, const std::string& help,
                                    std::size_t least, std::size_t most) {
  return add_number(option, value, help, numbers::WholeRange{least, most}, numbers::whole);
}

CommandLine& CommandLine::add_flag(const std::string& option, bool& value, const std::string& help) {
  app_->add_flag(option, value, help);
  flags_.insert(option);
  return *this;
}

CommandLine& CommandLine::add_rest(const std::string& name, std::vector<std::string>& values,
                                   const std::string& help) {
  app_->add_option(name, values, help);
  return *this;
}

CommandLine& CommandLine::needs(const std::string& option, const std::string& other) {
  needed_.emplace_back(option, other);
  return *this;
}

CommandLine& CommandLine::excludes(const std::string& option, const std::string& other) {
  excluded_.emplace_back(option, other);
  return *this;
}

void CommandLine::check_pairs(const std::set<std::string>& seen) const {
  for (const auto& [option, other] : needed_) {
    if (seen.contains(option) && !seen.contains(other)) refuse(option, "expected " + other + " beside it");
  }
  for (const auto& [option, other] : excluded_) {
    if (seen.contains(option) && seen.contains(other)) refuse(option, "expected no " + other + " beside it");
  }
}

/// Refuses what CLI11 would take: a value that is the next option's name, an empty one, one for a flag.
void CommandLine::check(int argc, char** argv) const {
  std::set<std::string> seen;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i], name = argument.substr(0, argument.find('='));
    if (argument == "--") break;
    if (flags_.contains(name) && name != argument) refuse(name, "expected no value, got " + shown(argument));
    if (flags_.contains(name)) seen.insert(name);
    if (!expected_.contains(name)) continue;
    if (!seen.insert(name).second) refuse(name, "expected once, got a second time");
    const std::string expected = "expected " + expected_.at(name) + ", got ";
    if (name != argument) {
      if (argument.size() == name.size() + 1) refuse(name, expected + "none");
      continue;
    }
    ++i;
    if (i == argc || *argv[i] == '\0') refuse(name, expected + "none");
    const std::string value = argv[i];
    if (!value.starts_with("--")) continue;
    std::string got = shown(value);
    got += " (as a value that is " + name + "=" + shown(value) + ")";
    refuse(name, expected + got);
  }
  check_pairs(seen);
}

bool CommandLine::parse(int argc, char** argv) {
  try {
    check(argc, argv);
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    exit_code_ = app_->exit(error) == 0 ? 0 : 2;
    return false;
  }
}
