#include "safetensors_by_hand.hpp"

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <sys/resource.h>

#include <atomic>
#include <fstream>
#include <thread>

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

void write(const std::filesystem::path& path, const by_hand::Bytes& bytes) {
  write(path, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CTGRAD_TEST_SHADOWED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(CTGRAD_TEST_SHADOWED)
constexpr bool addresses_can_be_limited = false;
#else
constexpr bool addresses_can_be_limited = true;
#endif

/// The process has so many bytes of addresses while this lives, wherever the system would give more.
class LimitedAddresses {
 public:
  explicit LimitedAddresses(std::uintmax_t bytes) {
    REQUIRE(::getrlimit(RLIMIT_AS, &before_) == 0);
    const ::rlimit limit{static_cast<::rlim_t>(bytes), before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
  }
  LimitedAddresses(const LimitedAddresses&) = delete;
  LimitedAddresses& operator=(const LimitedAddresses&) = delete;
  ~LimitedAddresses() { ::setrlimit(RLIMIT_AS, &before_); }

 private:
  ::rlimit before_{};
};

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

TEST_CASE("a safetensors file is looked at before it is read, however large it is", "[read_file]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "large";
  const auto refusal = [&] {
    try {
      io::read_safetensors(path);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  constexpr std::uintmax_t huge = std::uintmax_t{1} << 40;  // of zeros that take no room on the disk
  write(path, "");
  std::filesystem::resize_file(path, huge);
  CHECK(refusal() ==
        path.string() +
            ": is no safetensors file: header: expected a JSON object, beginning with '{', got nothing");
  write(path, by_hand::file(by_hand::one("U8", "[1]", "[0,1]")));
  std::filesystem::resize_file(path, huge);
  CHECK_THAT(refusal(), Catch::Contains(": data: expected 1 bytes, where the last tensor ends, got 10995"));
  const std::string header = by_hand::one("U8", "[1099511627776]", "[0,1099511627776]");
  write(path, by_hand::file(header));
  std::filesystem::resize_file(path, huge + 8 + header.size());
  if (!addresses_can_be_limited) return;
  const LimitedAddresses limit(std::uintmax_t{1} << 36);
  CHECK_THAT(refusal(), Catch::StartsWith(path.string() + ": reading 1099511627") &&
                            Catch::EndsWith(" bytes: Cannot allocate memory"));
}

TEST_CASE("a safetensors file that is replaced again and again is read as one or the other", "[read_file]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "model";
  for (const std::size_t size : {std::size_t{10}, std::size_t{1000}}) {
    const std::string extent = std::to_string(size);
    write(folder / extent,
          by_hand::file(by_hand::one("U8", "[" + extent + "]", "[0," + extent + "]"), by_hand::Bytes(size)));
  }
  const auto put = [&](const char* size) {
    std::filesystem::create_hard_link(folder / size, folder / "next");
    std::filesystem::rename(folder / "next", path);
  };
  put("10");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      put("1000");
      put("10");
    }
  });
  std::size_t wrong = 0;
  std::string refused;
  for (int i = 0; i < 20000 && refused.empty(); ++i) {
    try {
      const auto entry = io::read_safetensors(path).at("x");
      if (entry.bytes.size() != 10 && entry.bytes.size() != 1000) ++wrong;
    } catch (const std::exception& error) {
      refused = error.what();
    }
  }
  stop = true;
  writer.join();
  CHECK(refused.empty());
  CHECK(wrong == 0);
}

TEST_CASE("a safetensors file that is cut off while it is read is refused", "[read_file]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "model";
  const auto cut = [&](std::uintmax_t size) {
    write(path, by_hand::file(by_hand::one("U8", "[3]", "[0,3]"), by_hand::Bytes(3)));
    io::InputFile file(path);
    std::filesystem::resize_file(path, size);
    try {
      io::Safetensors{file};
    } catch (const io::SafetensorsError& error) {
      return std::string(error.what()).substr(path.string().size());
    }
    return std::string("not refused");
  };
  const std::string end = ", as the file was cut off while it was read";
  CHECK(cut(7) == ": header length: expected 8 bytes, got 7" + end);
  CHECK(cut(60) == ": header: expected 53 bytes, got 52" + end);
  CHECK(cut(63) == ": data: expected 3 bytes, got 2" + end);
}

TEST_CASE("a path is shown without the terminal's commands in it", "[read_file]") {
  CHECK_THROWS_WITH(read_file("\x1b[31m\xFF/\n", 1),
                    "\\x1B[31m\\xFF/\\x0A: cannot be opened: No such file or directory");
}

TEST_CASE("names are shown escaped, and long ones in part", "[quoted]") {
  CHECK(io::in_quotes("héad.0/π") == "'héad.0/π'");
  CHECK(io::in_quotes(std::string("\x1b]0;\a\0\x7F", 7)) == "'\\x1B]0;\\x07\\x00\\x7F'");
  CHECK(io::in_quotes("a\\x1B\xC0\x80\xE2\x82") == "'a\\\\x1B\\xC0\\x80\\xE2\\x82'");
  CHECK(io::in_quotes("\u009B\u202E\u2028\uFEFF") ==
        "'\\xC2\\x9B\\xE2\\x80\\xAE\\xE2\\x80\\xA8\\xEF\\xBB\\xBF'");
  CHECK(io::in_quotes(std::string(200, 'x')) == "'" + std::string(200, 'x') + "'");
  CHECK(io::in_quotes(std::string(8'000'000, 'x')) == "'" + std::string(200, 'x') + "...'");
  CHECK(io::shown(std::string(1000, '\x1b'), 10).size() < 20);
}
