#include "../../examples/support/command_line.hpp"

#include "../../bench/support/options.hpp"
#include "../../examples/support/file_options.hpp"

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr std::uint64_t largest = ~std::uint64_t{0};

/// What a program says of arguments that it refuses: empty if they are taken.
std::string refusal_of(CommandLine& line, std::vector<std::string> arguments) {
  std::string name = "program";
  std::vector<char*> pointers{name.data()};
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  std::ostringstream said;
  std::streambuf* const before = std::cerr.rdbuf(said.rdbuf());
  const bool taken = line.parse(static_cast<int>(pointers.size()), pointers.data());
  std::cerr.rdbuf(before);
  CHECK(line.exit_code() == (taken ? 0 : 2));
  return said.str().substr(0, said.str().find('\n'));
}

/// A program's options, and what it says of arguments that it refuses.
struct Program {
  std::uint64_t seed = 1;
  std::size_t steps = 5, every = 6;
  double rate = 0.5;
  std::string file = "none";
  bool flag = false;

  /// Empty if the arguments are taken.
  std::string refusal(std::vector<std::string> arguments) {
    CommandLine line("program", "");
    line.add("--seed", seed, "").add_count("--steps", steps, "", 0).add_count("--every", every, "", 1, 1000);
    line.add("--rate", rate, "", numbers::floats).add("--file", file, "").add_flag("--flag", flag, "");
    return refusal_of(line, std::move(arguments));
  }
  std::string refusal(const std::string& option, const std::string& value) {
    std::string said = refusal({option, value});
    if (!value.empty()) CHECK(refusal({option + "=" + value}) == said);
    return said;
  }
};

std::string refused(const std::string& option, const std::string& range, const std::string& got) {
  return "program: " + option + ": expected " + range + ", got " + got;
}

const std::string seeds = "a whole number from 0 to 18446744073709551615";
const std::string counts = "a whole number from 1 to 1000";
const std::string rates = "0 or a number from 1.401298464324817e-45 to 3.4028234663852886e+38";

}  // namespace

TEST_CASE("whole numbers are decimal digits", "[command_line]") {
  Program program;
  CHECK(program.refusal("--seed", "010").empty());
  CHECK(program.seed == 10);
  CHECK(program.refusal("--seed", "18446744073709551615").empty());
  CHECK(program.seed == largest);
  CHECK(program.refusal("--steps", "0").empty());
  CHECK(program.steps == 0);
  CHECK(program.refusal("--every", "1").empty());
  CHECK(program.every == 1);
}

TEST_CASE("what is no whole number, or one out of range, is refused by its option", "[command_line]") {
  const std::string text =
      GENERATE(as<std::string>{}, "-1", "-0", "+1", "18446744073709551616", "100000000000000000000", "1.5",
               "1e3", "0x10", "08x", "ten", " ", " 1", "1 ", "1,000", "1'000", "1\t", "nan", "inf", "[1]");
  CAPTURE(text);
  Program program;
  const std::string shown = text == "1\t" ? "1\\x09" : text;
  CHECK(program.refusal("--seed", text) == refused("--seed", seeds, shown));
  CHECK(program.refusal("--steps", text) == refused("--steps", seeds, shown));
  CHECK(program.refusal("--every", text) == refused("--every", counts, shown));
  CHECK(program.seed == 1);
  CHECK(program.steps == 5);
  CHECK(program.every == 6);
}

TEST_CASE("a count has a least and a most", "[command_line]") {
  Program program;
  CHECK(program.refusal("--every", "0") == refused("--every", counts, "0"));
  CHECK(program.refusal("--every", "1001") == refused("--every", counts, "1001"));
  CHECK(program.refusal("--every", "1000").empty());
  CHECK(program.every == 1000);
}

TEST_CASE("numbers are read as they are written in C", "[command_line]") {
  const auto [text, number] = GENERATE(
      table<std::string, double>({{"0", 0.0}, {"0.25", 0.25}, {"1e-3", 1e-3}, {"5.", 5.0}, {"2E2", 200.0}}));
  Program program;
  CHECK(program.refusal("--rate", text).empty());
  CHECK(program.rate == number);
}

TEST_CASE("what is no number, or one out of range, is refused by its option", "[command_line]") {
  const std::string text = GENERATE(as<std::string>{}, "-1", "-0", "+1", "1e", "3x", "0x10", "1,5", "nan",
                                    "inf", "-inf", "infinity", "nan(1)", "1e39", "1e999", "1e-60", "1e-999",
                                    " ", " 1", "1 ", "1e+", ".", "e1", "1.5.2", "half");
  CAPTURE(text);
  Program program;
  CHECK(program.refusal("--rate", text) == refused("--rate", rates, text));
  CHECK(program.rate == 0.5);
}

TEST_CASE("an option without a value is refused, also before the next option", "[command_line]") {
  Program program;
  for (const auto& [option, range] : {std::pair("--seed", seeds),
                                      {"--rate", rates},
                                      {"--every", counts},
                                      {"--file", std::string("a text")}}) {
    const std::string none = refused(option, range, "none"), name = option;
    CHECK(program.refusal({name, ""}) == none);
    CHECK(program.refusal({name + "="}) == none);
    CHECK(program.refusal({name}) == none);
    CHECK(program.refusal({"--flag", name}) == none);
    CHECK(program.refusal({name, "--flag"}) ==
          refused(option, range, "--flag (as a value that is " + name + "=--flag)"));
  }
  CHECK(program.refusal({"--file=--flag"}).empty());
  CHECK(program.file == "--flag");
  CHECK(program.refusal({"--file", "-"}).empty());
  CHECK(program.file == "-");
}

TEST_CASE("an option that comes twice is refused, and so is a value for a flag", "[command_line]") {
  const std::string twice = "program: --seed: expected once, got a second time";
  CHECK(Program{}.refusal({"--seed", "1", "--seed", "2"}) == twice);
  CHECK(Program{}.refusal({"--seed=1", "--steps", "2", "--seed=1"}) == twice);
  CHECK(Program{}.refusal({"--flag=false"}) == "program: --flag: expected no value, got --flag=false");
  Program program;
  CHECK(program.refusal({"--flag", "--flag"}).empty());
  CHECK(program.flag);
}

TEST_CASE("an unknown option is refused with the program's name", "[command_line]") {
  CHECK_THAT(Program{}.refusal({"--sead", "1"}), Catch::StartsWith("program: ") && Catch::Contains("--sead"));
  CHECK_THAT(Program{}.refusal({"\x1B[31m"}), Catch::Contains("\\x1B[31m") && !Catch::Contains("\x1B"));
  CHECK(Program{}.refusal({"--flag=\x1B"}) == "program: --flag: expected no value, got --flag=\\x1B");
}

TEST_CASE("two options that name one file are refused, however they write it", "[command_line]") {
  const ctgrad::test::TemporaryFolder folder;
  std::ofstream(folder / "there") << "text";
  std::filesystem::create_symlink(folder / "there", folder / "link");
  const auto path = [&](const char* name) { return (folder / name).string(); };
  CHECK_NOTHROW(
      require_different({{"--save", path("a")}, {"--checkpoint", path("b")}, {"--report", path("c")}}));
  CHECK_NOTHROW(require_different({{"--save", ""}, {"--checkpoint", ""}, {"--report", path("c")}}));
  CHECK_THROWS_WITH(
      require_different({{"--save", path("a")}, {"--checkpoint", path("b")}, {"--report", path("a")}}),
      "--report: expected another file than --save's, got " + path("a"));
  CHECK_THROWS_WITH(require_different({{"--save", path("there")}, {"--report", path("link")}}),
                    "--report: expected another file than --save's, got " + path("link"));
  CHECK_THROWS_WITH(require_different({{"--save", path("a")}, {"--report", path("./b/../a")}}),
                    "--report: expected another file than --save's, got " + path("./b/../a"));
  CHECK_THROWS_WITH(require_different({{"--save", "a"}, {"--report", "./a"}}),
                    "--report: expected another file than --save's, got ./a");
}

TEST_CASE("links to what is not there yet lead to one file as others do", "[command_line]") {
  const ctgrad::test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  std::filesystem::create_symlink("new", folder / "link");
  std::filesystem::create_symlink(folder / "link", folder / "chain");
  std::filesystem::create_symlink(".new.lock", folder / "lock");
  std::filesystem::create_symlink("loop", folder / "loop");
  for (const char* name : {"link", "chain"}) {
    CHECK_THROWS_WITH(require_different({{"--save", path(name)}, {"--report", path("new")}}),
                      "--report: expected another file than --save's, got " + path("new"));
    CHECK_THROWS_AS(require_different({{"--save", path("new")}, {"--report", path(name)}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(require_not_beside({"--load", path("lock")}, {"--save", path(name)}),
                    std::invalid_argument);
  }
  CHECK_NOTHROW(require_different({{"--save", path("loop")}, {"--report", path("link")}}));
}

TEST_CASE("a file that goes when another one is written is refused", "[command_line]") {
  for (const std::string name : {"./.a.lock", ".a.0123456789abcdef.partial"}) {
    CHECK_THROWS_WITH(require_different({{"--save", name}, {"--checkpoint", "a"}}),
                      "--save: expected no file that goes when --checkpoint's is written, got " + name +
                          "; copy it to another name");
    CHECK_THROWS_AS(require_different({{"--save", "a"}, {"--checkpoint", name}}), std::invalid_argument);
    CHECK_THROWS_AS(require_not_beside({"--resume", name}, {"--checkpoint", "a"}), std::invalid_argument);
  }
  CHECK_THROWS_WITH(require_not_beside({"--resume", ".\x1B.lock"}, {"--checkpoint", "\x1B"}),
                    Catch::Contains("got .\\x1B.lock;"));
  for (const char* name :
       {"a.partial", ".a.0123456789abcde.partial", ".a.0123456789abcdeg.partial", "b/.a.lock"}) {
    CHECK_NOTHROW(require_not_beside({"--resume", name}, {"--checkpoint", "a"}));
  }
}

TEST_CASE("files that cannot be written are refused, and others are left as they are", "[command_line]") {
  const ctgrad::test::TemporaryFolder folder;
  std::ofstream(folder / "there") << "text";
  CHECK_NOTHROW(require_writable({{"--save", (folder / "there").string()}, {"--report", ""}}));
  CHECK_NOTHROW(require_writable({{"--save", (folder / "new").string()}}));
  CHECK(folder.names() == std::vector<std::string>{"there"});
  CHECK_THROWS_WITH(require_writable({{"--save", (folder / "missing" / "x").string()}}),
                    Catch::Contains("missing/x: opening"));
}

TEST_CASE("a model that cannot be written is tried once more in the end", "[command_line]") {
  int tries = 0;
  FinalWrite saved([&] {
    if (++tries == 1) throw std::runtime_error("the disk is full");
  });
  saved.attempt();
  CHECK(tries == 1);
  saved.require();
  saved.require();
  CHECK(tries == 2);
  FinalWrite lost([] { throw std::runtime_error("the disk is full"); });
  lost.attempt();
  CHECK_THROWS_WITH(lost.require(), "the disk is full");
}

TEST_CASE("a model that could not be written is tried again where something else fails", "[command_line]") {
  int tries = 0;
  const auto fail_first = [&] {
    if (++tries == 1) throw std::runtime_error("the disk is full");
  };
  { FinalWrite untrained(fail_first); }
  CHECK(tries == 0);
  try {
    FinalWrite saved(fail_first);
    saved.attempt();
    throw std::runtime_error("no report");
  } catch (const std::runtime_error&) {
  }
  CHECK(tries == 2);
}

TEST_CASE("an option that changes nothing beside others, or without them, is refused", "[command_line]") {
  const auto says = [](std::vector<std::string> arguments) {
    std::string file, load;
    std::size_t every = 1, steps = 1;
    bool quiet = false;
    CommandLine line("program", "");
    line.add("--file", file, "").add("--load", load, "").add_count("--every", every, "");
    line.add_count("--steps", steps, "").needs("--every", "--file").excludes("--steps", "--load");
    line.add_flag("--quiet", quiet, "").excludes("--steps", "--quiet").needs("--quiet", "--file");
    return refusal_of(line, std::move(arguments));
  };
  CHECK(says({"--every", "5", "--file", "x"}).empty());
  CHECK(says({"--file=x", "--load=y"}).empty());
  CHECK(says({"--every=5"}) == "program: --every: expected --file beside it");
  CHECK(says({"--load", "y", "--steps", "5"}) == "program: --steps: expected no --load beside it");
  CHECK(says({"--quiet"}) == "program: --quiet: expected --file beside it");
  CHECK(says({"--file=x", "--quiet", "--steps=5"}) == "program: --steps: expected no --quiet beside it");
}

TEST_CASE("what is no option is kept in its order, and behind -- options are none", "[command_line]") {
  std::vector<std::string> rest;
  std::string file;
  const auto says = [&](std::vector<std::string> arguments) {
    rest.clear();
    file.clear();
    CommandLine line("program", "");
    line.add("--file", file, "").add_rest("TEXT", rest, "");
    return refusal_of(line, std::move(arguments));
  };
  CHECK(says({"a b", "--file", "x", "c"}).empty());
  CHECK(rest == std::vector<std::string>{"a b", "c"});
  CHECK(says({"--", "--file", "--file"}).empty());
  CHECK(rest == std::vector<std::string>{"--file", "--file"});
  CHECK(file.empty());
  CHECK(!says({"a", "--unknown"}).empty());
}

TEST_CASE("a configuration that a benchmark lacks is refused, and those that it has are named",
          "[command_line]") {
  struct Configuration {
    const char* name;
  };
  const Configuration timed[] = {{"small"}, {"base"}};
  const Configuration trained[] = {{"toy"}, {"small"}};
  CHECK_NOTHROW(bench::require_configuration("", timed, trained));
  CHECK_NOTHROW(bench::require_configuration("toy", timed, trained));
  CHECK_THROWS_WITH(bench::require_configuration("toyy", timed, trained),
                    "no configuration is called 'toyy', but: small, base, toy");
  CHECK_THROWS_WITH(bench::require_configuration("seed", timed),
                    "no configuration is called 'seed', but: small, base");
}
