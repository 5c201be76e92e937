#include <ctgrad/io/read_file.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>

using namespace ctgrad;
using io::read_file;

namespace {

/// The cause with which the file is refused, and the message's end behind the path.
std::pair<std::error_code, std::string> refusal(const std::filesystem::path& path, std::size_t most = 100) {
  try {
    read_file(path, most);
  } catch (const std::system_error& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(path.string() + ": "));
    return {error.code(), message.substr(path.string().size() + 2)};
  }
  return {{}, "not refused"};
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("a file is read whole, and one of more bytes than wanted is refused", "[read_file]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "text";
  const std::string text = std::string("a\r\n\0b", 5) + std::string(200'000, 'x');
  write(path, text);
  CHECK(read_file(path, text.size()) == text);
  CHECK(refusal(path, text.size() - 1).second == "expected at most 200004 bytes, got 200005: File too large");
  write(path, "");
  CHECK(read_file(path, 0).empty());
}

TEST_CASE("a file that the system makes up as it is read is read to its end", "[read_file]") {
  const std::filesystem::path made_up = "/proc/self/status";
  if (!std::filesystem::exists(made_up)) return;
  REQUIRE(std::filesystem::file_size(made_up) == 0);
  CHECK(read_file(made_up, 1 << 20).size() > 100);
  CHECK(refusal(made_up, 10).second == "expected at most 10 bytes, got more: File too large");
}

TEST_CASE("a file that cannot be read is refused by its path and the cause", "[read_file]") {
  const test::TemporaryFolder folder;
  CHECK(refusal(folder / "missing").second == "cannot be opened: No such file or directory");
  CHECK(refusal(folder / "missing").first == std::errc::no_such_file_or_directory);
  CHECK(refusal(folder / ".").first == std::errc::is_a_directory);
  write(folder / "file", "x");
  CHECK(refusal(folder / "file/x").first == std::errc::not_a_directory);
  std::filesystem::create_symlink("loop", folder / "loop");
  CHECK(refusal(folder / "loop").first == std::errc::too_many_symbolic_link_levels);
  std::filesystem::create_symlink("file", folder / "link");
  CHECK(read_file(folder / "link", 1) == "x");
  std::filesystem::permissions(folder / "file", std::filesystem::perms::none);
  if (::geteuid() != 0) CHECK(refusal(folder / "file").first == std::errc::permission_denied);
}

TEST_CASE("what is no regular file is refused at once, and nothing waits for it", "[read_file]") {
  const test::TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(refusal(folder / "pipe").second == "expected a regular file, got a pipe: Invalid argument");
  for (const char* endless : {"/dev/zero", "/dev/full"}) {
    if (std::filesystem::exists(endless))
      CHECK_THAT(refusal(endless).second, Catch::Contains("got a device"));
  }
}

TEST_CASE("a path is shown without the terminal's commands in it", "[read_file]") {
  CHECK_THROWS_WITH(read_file("\x1b[31m\xFF/\n", 1),
                    "\\x1B[31m\\xFF/\\x0A: cannot be opened: No such file or directory");
}

TEST_CASE("names are shown escaped, and long ones in part", "[quoted]") {
  CHECK(io::quoted("héad.0/π") == "'héad.0/π'");
  CHECK(io::quoted(std::string("\x1b]0;\a\0\x7F", 7)) == "'\\x1B]0;\\x07\\x00\\x7F'");
  CHECK(io::quoted("a\\x1B\xC0\x80\xE2\x82") == "'a\\\\x1B\\xC0\\x80\\xE2\\x82'");
  CHECK(io::quoted("\u009B\u202E\u2028\uFEFF") ==
        "'\\xC2\\x9B\\xE2\\x80\\xAE\\xE2\\x80\\xA8\\xEF\\xBB\\xBF'");
  CHECK(io::quoted(std::string(200, 'x')) == "'" + std::string(200, 'x') + "'");
  CHECK(io::quoted(std::string(100'000'000, 'x')) == "'" + std::string(200, 'x') + "...'");
  CHECK(io::shown(std::string(1000, '\x1b'), 10).size() < 20);
}
