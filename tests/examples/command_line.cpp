#include "../../examples/support/command_line.hpp"

#include "../../examples/support/file_options.hpp"

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <array>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

constexpr std::uint64_t largest = ~std::uint64_t{0};

/// A program's options, and what it says of an argument that it refuses.
struct Program {
  std::uint64_t seed = 1;
  std::size_t steps = 5, every = 6;

  /// Empty if the argument is taken.
  std::string refusal(std::string option, std::string value) {
    CommandLine line("program", "");
    line.add("--seed", seed, "").add_count("--steps", steps, "", 0).add_count("--every", every, "");
    std::string name = "program";
    std::array<char*, 3> arguments{name.data(), option.data(), value.data()};
    std::ostringstream said;
    std::streambuf* const before = std::cerr.rdbuf(said.rdbuf());
    const bool taken = line.parse(static_cast<int>(arguments.size()), arguments.data());
    std::cerr.rdbuf(before);
    CHECK(line.exit_code() == (taken ? 0 : 2));
    return said.str().substr(0, said.str().find('\n'));
  }
};

std::string refused(const std::string& option, const std::string& least, const std::string& got) {
  return "program: " + option + ": expected a whole number from " + least + " to 18446744073709551615, got " +
         got;
}

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
               "1e3", "0x10", "08x", "ten", " 1", "1 ", "1,000", "1'000");
  CAPTURE(text);
  Program program;
  CHECK(program.refusal("--seed", text) == refused("--seed", "0", text));
  CHECK(program.refusal("--steps", text) == refused("--steps", "0", text));
  CHECK(program.refusal("--every", text) == refused("--every", "1", text));
  CHECK(program.refusal("--every", "0") == refused("--every", "1", "0"));
  CHECK(program.refusal("--seed", "") == refused("--seed", "0", "none"));
  CHECK(program.seed == 1);
  CHECK(program.steps == 5);
  CHECK(program.every == 6);
}

TEST_CASE("an unknown option is refused with the program's name", "[command_line]") {
  CHECK_THAT(Program{}.refusal("--sead", "1"), Catch::StartsWith("program: ") && Catch::Contains("--sead"));
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

TEST_CASE("a file that goes when another one is written is refused", "[command_line]") {
  for (const std::string name : {"./.a.lock", ".a.0123456789abcdef.partial"}) {
    CHECK_THROWS_WITH(require_different({{"--save", name}, {"--checkpoint", "a"}}),
                      "--save: expected no file that goes when --checkpoint's is written, got " + name +
                          "; copy it to another name");
    CHECK_THROWS_AS(require_different({{"--save", "a"}, {"--checkpoint", name}}), std::invalid_argument);
    CHECK_THROWS_AS(require_not_beside({"--resume", name}, {"--checkpoint", "a"}), std::invalid_argument);
  }
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
