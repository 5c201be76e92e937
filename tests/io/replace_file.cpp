#include <ctgrad/io/replace_file.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

using ctgrad::io::PartialFile;
using ctgrad::test::TemporaryFolder;
using Names = std::vector<std::string>;

namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

void replace(const std::filesystem::path& path, const std::string& text) {
  const std::span<const std::byte> piece = bytes(text);
  ctgrad::io::replace_file(path, {&piece, 1});
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The largest file that this process may write, for as long as this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("a file is made or replaced, and nothing else stays in its folder", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "first");
  CHECK(contents(folder / "a") == "first");
  replace(folder / "a", "");
  CHECK(contents(folder / "a").empty());
  const std::array<std::string, 2> texts{"one ", "two"};
  const std::array pieces{bytes(texts[0]), bytes(texts[1])};
  ctgrad::io::replace_file(folder / "a", pieces);
  CHECK(contents(folder / "a") == "one two");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("until the commit the old file is there, and without it it stays", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "old");
  {
    PartialFile partial(folder / "a");
    partial.write(bytes("new"));
    CHECK(contents(folder / "a") == "old");
    CHECK(folder.names() == Names{"a", "a.partial"});
  }
  CHECK(contents(folder / "a") == "old");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("what a killed process left behind is taken over", "[replace_file]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.partial") << "longer than what is written now";
  replace(folder / "a", "new");
  CHECK(contents(folder / "a") == "new");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("a write that fails leaves the old file and nothing else", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "old");
  {
    const FileSizeLimit limit(4096);
    CHECK_THROWS_WITH(
        replace(folder / "a", std::string(5000, 'x')),
        (folder / "a").string() + ": writing " + (folder / "a.partial").string() + ": File too large");
  }
  CHECK(contents(folder / "a") == "old");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("a folder that is not there is named, with the system's words", "[replace_file]") {
  const TemporaryFolder folder;
  const std::string path = (folder / "missing/a").string();
  CHECK_THROWS_WITH(replace(path, "new"), path + ": opening " + path + ".partial: No such file or directory");
  CHECK(folder.names().empty());
}

TEST_CASE("a link is followed, and what is no regular file is refused", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "old");
  std::filesystem::create_symlink("a", folder / "link");
  replace(folder / "link", "new");
  CHECK(contents(folder / "a") == "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  std::filesystem::create_directory(folder / "folder");
  CHECK_THROWS_WITH(
      replace(folder / "folder", "new"),
      (folder / "folder").string() + ": replacing what is not a regular file: Invalid argument");
  CHECK_THROWS_AS(replace("/dev/null", "new"), std::system_error);
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK(folder.names() == Names{"a", "folder", "link"});
}

TEST_CASE("only one writes a file at a time", "[replace_file]") {
  const TemporaryFolder folder;
  {
    PartialFile first(folder / "a");
    CHECK_THROWS_WITH(replace(folder / "a", "second"), Catch::Contains(": locking "));
    first.write(bytes("first"));
    first.commit();
  }
  CHECK(contents(folder / "a") == "first");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("writers and readers at once never meet half a file", "[replace_file]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "a";
  replace(path, std::string(3000, 'x'));
  const auto write = [&](char letter) {
    for (int i = 0; i < 50; ++i) {
      try {
        replace(path, std::string(3000, letter));
      } catch (const std::system_error& error) {  // the other one is at it
        if (error.code() != std::errc::operation_would_block) throw;
      }
    }
  };
  std::thread first(write, 'y'), second(write, 'z');
  int torn = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string text = contents(path);
    if (text.size() != 3000 || text.find_first_not_of(text[0]) != std::string::npos) ++torn;
  }
  first.join();
  second.join();
  CHECK(torn == 0);
  CHECK(folder.names() == Names{"a"});
}
