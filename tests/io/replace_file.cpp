#include <ctgrad/io/replace_file.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <sys/resource.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>
#include <thread>

using ctgrad::io::FileLock;
using ctgrad::io::PartialFile;
using ctgrad::io::WriteError;
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
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
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
    FileLock lock(folder / "a");
    PartialFile partial(lock);
    partial.write(bytes("new"));
    CHECK(contents(folder / "a") == "old");
    const Names names = folder.names();
    REQUIRE(names.size() == 3);
    CHECK_THAT(names[0], Catch::Matches("\\.a\\.[0-9a-f]{16}\\.partial"));
    CHECK(names[1] == ".a.lock");
  }
  CHECK(contents(folder / "a") == "old");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("what a killed process left is taken away by the next one that writes", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "old");
  const ::pid_t writer = ::fork();
  if (writer == 0) {
    FileLock lock(folder / "a");
    PartialFile partial(lock);
    partial.write(bytes("half of"));
    ::_exit(0);
  }
  REQUIRE(::waitpid(writer, nullptr, 0) == writer);
  const Names left = folder.names();
  CHECK(left.size() == 3);
  { const FileLock only_asks(folder / "a"); }
  CHECK(folder.names() == left);
  CHECK(contents(folder / "a") == "old");
  replace(folder / "a", "new");
  CHECK(contents(folder / "a") == "new");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("what is named like a temporary file is neither written nor taken away", "[replace_file]") {
  const TemporaryFolder folder;
  const std::string name =
      GENERATE(as<std::string>{}, "a.partial", ".a.partial", ".a.0123456789abcdef.partial");
  std::ofstream(folder / "victim") << "precious";
  const auto unharmed = [&] {
    replace(folder / "a", "new");
    CHECK(contents(folder / "a") == "new");
    CHECK(contents(folder / "victim") == "precious");
    CHECK(std::filesystem::exists(std::filesystem::symlink_status(folder / name)));
    std::filesystem::remove(folder / name);
  };
  std::ofstream(folder / name) << "an input";
  unharmed();
  std::filesystem::create_symlink("victim", folder / name);
  unharmed();
  std::filesystem::create_hard_link(folder / "victim", folder / name);
  unharmed();
  REQUIRE(::mkfifo((folder / name).c_str(), 0600) == 0);
  unharmed();
}

TEST_CASE("a write that fails leaves the old file and nothing else", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "old");
  {
    const FileSizeLimit limit(4096);
    CHECK_THROWS_WITH(replace(folder / "a", std::string(5000, 'x')),
                      (folder / "a").string() + ": writing its new contents: File too large");
  }
  CHECK(contents(folder / "a") == "old");
  CHECK(folder.names() == Names{"a"});
}

TEST_CASE("a folder that is not there is named, with the system's words", "[replace_file]") {
  const TemporaryFolder folder;
  const std::string path = (folder / "missing/a").string();
  CHECK_THROWS_WITH(replace(path, "new"), path + ": opening the folder " + (folder / "missing").string() +
                                              ": No such file or directory");
  CHECK(folder.names().empty());
}

TEST_CASE("a link is followed to its end, whether a file is there or not, and stays", "[replace_file]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "there/deeper");
  std::filesystem::create_symlink("there/second", folder / "first");
  std::filesystem::create_symlink("deeper/../../there/end", folder / "there/second");
  for (const std::string text : {"made", "replaced"}) {
    replace(folder / "first", text);
    CHECK(contents(folder / "there/end") == text);
    CHECK(std::filesystem::is_symlink(folder / "first"));
    CHECK(std::filesystem::is_symlink(folder / "there/second"));
  }
  CHECK(folder.names() == Names{"first", "there"});
  std::filesystem::create_symlink("loop", folder / "loop");
  std::filesystem::create_symlink("missing/a", folder / "astray");
  const std::string loop = (folder / "loop").string(), astray = (folder / "astray").string();
  CHECK_THROWS_WITH(replace(loop, "new"), loop + ": looking at it: Too many levels of symbolic links");
  CHECK_THROWS_WITH(replace(astray, "new"), astray + ": opening the folder " + (folder / "missing").string() +
                                                ": No such file or directory");
}

TEST_CASE("what is no regular file is refused, by what it is", "[replace_file]") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::filesystem::path& path) {
    try {
      replace(path, "new");
    } catch (const WriteError& error) {
      return std::string(error.what()).substr(path.string().size());
    }
    return std::string("not refused");
  };
  std::filesystem::create_directory(folder / "folder");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_symlink("pipe", folder / "link");
  CHECK(refusal(folder / "folder") == ": replacing a folder: Is a directory");
  CHECK(refusal(folder / "pipe") == ": replacing a pipe: Invalid argument");
  CHECK(refusal(folder / "link") == ": replacing a pipe: Invalid argument");
  CHECK(refusal("/dev/null") == ": replacing a device: Invalid argument");
  CHECK(refusal("/dev/full") == ": replacing a device: Invalid argument");
  CHECK_THAT(refusal("/dev/stdout"), Catch::StartsWith(": replacing "));
  CHECK(refusal("") == ": a file without a name: No such file or directory");
  CHECK(refusal(folder / "none/") == ": writing a folder: Is a directory");
  CHECK_THROWS_AS(replace(folder / std::string("zero\0zero", 9), "new"), WriteError);
  CHECK(folder.names() == Names{"folder", "link", "pipe"});
}

TEST_CASE("the file that this program's output goes to is not replaced", "[replace_file]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "log") << "said";
  const int log = ::open((folder / "log").c_str(), O_WRONLY), before = ::dup(STDERR_FILENO);
  REQUIRE(::dup2(log, STDERR_FILENO) == STDERR_FILENO);
  CHECK_THROWS_WITH(replace(folder / "log", "new"),
                    Catch::Contains("replacing the file that this program's output goes to"));
  REQUIRE(::dup2(before, STDERR_FILENO) == STDERR_FILENO);
  ::close(before);
  ::close(log);
  CHECK(contents(folder / "log") == "said");
}

#ifdef __linux__
TEST_CASE("a file that was opened and has no name any more is refused", "[replace_file]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "old";
  const int opened = ::open((folder / "a").c_str(), O_WRONLY);
  std::filesystem::remove(folder / "a");
  const std::string link = "/proc/self/fd/" + std::to_string(opened);
  CHECK_THROWS_WITH(replace(link, "new"),
                    link + ": writing a file that no folder has any more: No such file or directory");
  ::close(opened);
  CHECK(folder.names().empty());
}
#endif

TEST_CASE("another hard link to a file keeps the old contents", "[replace_file]") {
  const TemporaryFolder folder;
  replace(folder / "a", "old");
  std::filesystem::create_hard_link(folder / "a", folder / "b");
  replace(folder / "a", "new");
  CHECK(contents(folder / "a") == "new");
  CHECK(contents(folder / "b") == "old");
}

TEST_CASE("writers and readers at once never meet half a file", "[replace_file]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "a";
  replace(path, std::string(3000, 'x'));
  const auto write = [&](char letter) {
    for (int i = 0; i < 50; ++i) {
      try {
        replace(path, std::string(3000, letter));
      } catch (const WriteError& error) {  // the other one is at it
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
