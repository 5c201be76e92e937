#include <ctgrad/io/replace_file.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

using ctgrad::io::FileLock;
using ctgrad::io::WriteError;
using ctgrad::test::TemporaryFolder;
using Names = std::vector<std::string>;

namespace {

void replace(const std::filesystem::path& path, const std::string& text) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  ctgrad::io::replace_file(path, {&piece, 1});
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What is said of a file that cannot be locked, behind its name; empty if it can.
std::string refusal(const std::filesystem::path& path) {
  try {
    const FileLock lock(path);
  } catch (const WriteError& error) {
    return std::string(error.what()).substr(path.string().size());
  }
  return {};
}

/// The exit code of a process that does this.
int in_another_process(const std::function<int()>& task) {
  const ::pid_t process = ::fork();
  if (process == 0) ::_exit(task());
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_CASE("while a file is locked nobody else writes it, under whatever name", "[file_lock]") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("a", folder / "link");
  const std::string held = ": somebody else is writing it and has locked " + (folder / ".a.lock").string() +
                           ": Resource temporarily unavailable";
  {
    FileLock lock(folder / "a");
    CHECK(folder.names() == Names{".a.lock", "link"});
    CHECK(refusal(folder / "a") == held);
    CHECK(refusal(folder / "link") == held);
    CHECK_THROWS_AS(replace(folder / "a", "another's"), WriteError);
    CHECK(in_another_process([&] { return refusal(folder / "a") == held ? 7 : 0; }) == 7);
    for (const std::string text : {"first", "second"}) {
      const std::span<const std::byte> piece = std::as_bytes(std::span(text));
      ctgrad::io::replace_file(lock, {&piece, 1});
      CHECK(contents(folder / "a") == text);
    }
    CHECK(refusal(folder / "b").empty());
    CHECK(folder.names() == Names{".a.lock", "a", "link"});
  }
  CHECK(refusal(folder / "a").empty());
  CHECK(folder.names() == Names{"a", "link"});
}

TEST_CASE("a process that is killed loses its lock", "[file_lock]") {
  const TemporaryFolder folder;
  CHECK(in_another_process([&] {
          const FileLock lock(folder / "a");
          return std::raise(SIGKILL);
        }) == -SIGKILL);
  CHECK(folder.names() == Names{".a.lock"});
  CHECK(refusal(folder / "a").empty());
  CHECK(folder.names().empty());
}

TEST_CASE("a process that was forked off does not take its parent's lock away", "[file_lock]") {
  const TemporaryFolder folder;
  std::optional<FileLock> lock(folder / "a");
  CHECK(in_another_process([&] {
          lock.reset();
          return 0;
        }) == 0);
  CHECK_FALSE(refusal(folder / "a").empty());
}

TEST_CASE("threads that ask for one file have it one after the other", "[file_lock]") {
  const TemporaryFolder folder;
  std::atomic<int> holders = 0, most = 0, locked = 0;
  const auto ask = [&] {
    for (int i = 0; i < 200; ++i) {
      try {
        const FileLock lock(folder / "a");
        most = std::max(most.load(), ++holders);
        ++locked;
        --holders;
      } catch (const WriteError& error) {
        if (error.code() != std::errc::operation_would_block) throw;
      }
    }
  };
  std::thread first(ask), second(ask), third(ask);
  first.join();
  second.join();
  third.join();
  CHECK(most == 1);
  CHECK(locked >= 1);
  CHECK(folder.names().empty());
}

TEST_CASE("a file that is no lock is not taken for one", "[file_lock]") {
  const TemporaryFolder folder;
  const std::filesystem::path lock = folder / ".a.lock";
  std::ofstream(folder / "victim") << "precious";
  std::ofstream(folder / "empty") << "";
  const std::string no_lock = ": " + lock.string() + " is a file but no lock of it: File exists";
  for (const std::string text : {"an input", "0123456789abcdef\nmore", "0123456789abcdef0", "0123\n45"}) {
    std::ofstream(lock) << text;
    CHECK(refusal(folder / "a") == no_lock);
    CHECK(contents(lock) == text);
  }
  std::filesystem::remove(lock);
  for (const std::string other : {"victim", "empty"}) {
    std::filesystem::create_hard_link(folder / other, lock);
    CHECK(refusal(folder / "a") == no_lock);
    std::filesystem::remove(lock);
    std::filesystem::create_symlink(other, lock);
    CHECK(refusal(folder / "a") == ": opening " + lock.string() + ": Too many levels of symbolic links");
    std::filesystem::remove(lock);
  }
  CHECK(contents(folder / "victim") == "precious");
  REQUIRE(::mkfifo(lock.c_str(), 0600) == 0);
  CHECK(refusal(folder / "a") == no_lock);
  std::filesystem::remove(lock);
  std::filesystem::create_directory(lock);
  CHECK(refusal(folder / "a") == ": opening " + lock.string() + ": Is a directory");
}

TEST_CASE("what took a lock's name stays when the lock goes", "[file_lock]") {
  const TemporaryFolder folder;
  {
    const FileLock lock(folder / "a");
    replace(folder / ".a.lock", "precious");
  }
  CHECK(contents(folder / ".a.lock") == "precious");
}

TEST_CASE("a lock whose digits a crash of the system took is a lock", "[file_lock]") {
  const TemporaryFolder folder;
  const std::string text = GENERATE(as<std::string>{}, "", "0123", "0123456789abcdef", "0123456789abcdef\n",
                                    std::string(17, '\0'), std::string("01\0\0", 4));
  std::ofstream(folder / ".a.lock") << text;
  CHECK(refusal(folder / "a").empty());
  CHECK(folder.names().empty());
}

TEST_CASE("what a lock notes is taken away only if it can be a killed writer's", "[file_lock]") {
  const TemporaryFolder folder;
  const std::string name = ".a.0123456789abcdef.partial";
  const auto write_beside = [&] {
    std::ofstream(folder / ".a.lock") << "0123456789abcdef\n";
    replace(folder / "a", "new");
    CHECK_FALSE(std::filesystem::exists(folder / ".a.lock"));
    const bool there = std::filesystem::exists(std::filesystem::symlink_status(folder / name));
    std::filesystem::remove(folder / name);
    return there;
  };
  std::ofstream(folder / "victim") << "precious";
  std::ofstream(folder / name) << "half";
  CHECK_FALSE(write_beside());
  std::filesystem::create_symlink("victim", folder / name);
  CHECK(write_beside());
  std::filesystem::create_hard_link(folder / "victim", folder / name);
  CHECK(write_beside());
  std::filesystem::create_directory(folder / name);
  CHECK(write_beside());
  CHECK(contents(folder / "victim") == "precious");
}

TEST_CASE("names as long as their lock's may be are written, longer ones are refused", "[file_lock]") {
  const TemporaryFolder folder;
  const std::string longest(249, 'x'), longer(250, 'x');
  replace(folder / longest, "new");
  CHECK(folder.names() == Names{longest});
  CHECK_THAT(refusal(folder / longer), Catch::EndsWith(": File name too long"));
}

TEST_CASE("a lock is of the file that it was of, wherever the process goes", "[file_lock]") {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directory(folder / "elsewhere");
  std::filesystem::current_path(folder / "");
  {
    FileLock lock("a");
    std::filesystem::current_path("elsewhere");
    ctgrad::io::replace_file(lock, {});
  }
  std::filesystem::current_path(before);
  CHECK(folder.names() == Names{"a", "elsewhere"});
}
