#include <ctgrad/io/replace_file.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>

using ctgrad::io::WriteError;
using ctgrad::test::TemporaryFolder;

namespace {

void replace(const std::filesystem::path& path) {
  const std::string text = "new";
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  ctgrad::io::replace_file(path, {&piece, 1});
}

struct stat attributes(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status;
}

::mode_t mode(const std::filesystem::path& path) { return attributes(path).st_mode & 07777U; }

/// The process' umask, for as long as this lives.
class Umask {
 public:
  explicit Umask(::mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  ::mode_t before_;
};

/// This process as a user that is nobody special, for as long as this lives; only root can be one.
class Nobody {
 public:
  static constexpr ::uid_t id = 65534;
  Nobody() {
    REQUIRE(::setegid(id) == 0);
    REQUIRE(::seteuid(id) == 0);
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  ~Nobody() {
    ::seteuid(0);
    ::setegid(0);
  }
};

}  // namespace

TEST_CASE("a file that is replaced keeps its permissions", "[permissions]") {
  const TemporaryFolder folder;
  const Umask umask(022);
  const ::mode_t kept = GENERATE(as<::mode_t>{}, 0600, 0640, 0644, 0664, 0666, 0755);
  std::ofstream(folder / "a") << "old";
  REQUIRE(::chmod((folder / "a").c_str(), kept) == 0);
  replace(folder / "a");
  CHECK(mode(folder / "a") == kept);
}

TEST_CASE("a new file has the permissions that the umask leaves", "[permissions]") {
  const TemporaryFolder folder;
  const ::mode_t mask = GENERATE(as<::mode_t>{}, 000, 022, 077);
  const Umask umask(mask);
  replace(folder / "a");
  CHECK(mode(folder / "a") == (0666 & ~mask));
}

TEST_CASE("in a shared folder another user's file is refused before it is written", "[permissions]") {
  if (::geteuid() != 0) return;
  const TemporaryFolder folder;
  REQUIRE(::chmod((folder / ".").c_str(), 01777) == 0);
  std::ofstream(folder / "a") << "old";
  REQUIRE(::chmod((folder / "a").c_str(), 0666) == 0);
  const Nobody nobody;
  CHECK_THROWS_WITH(ctgrad::io::FileLock(folder / "a"),
                    Catch::Contains("replacing another user's file in a folder that is shared"));
  CHECK_NOTHROW(replace(folder / "b"));
  CHECK_NOTHROW(replace(folder / "b"));
}

#ifdef __linux__
TEST_CASE("a file that is replaced keeps its access-control list, and gets none from its folder",
          "[permissions]") {
  const TemporaryFolder folder;
  // version 2, then tag, permissions and id of: owner, user 65534, group, mask, others
  constexpr unsigned char list[] = {2, 0,   0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,  4,
                                    0, 254, 255, 0,   0,   4,   0,  0, 0,   255, 255, 255, 255, 16, 0,
                                    4, 0,   255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};
  const auto list_of = [](const std::filesystem::path& path) {
    std::vector<unsigned char> found(256);
    const ::ssize_t size = ::getxattr(path.c_str(), "system.posix_acl_access", found.data(), found.size());
    found.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return found;
  };
  for (const char* name : {"listed", "plain"}) {
    std::ofstream(folder / name) << "old";
    REQUIRE(::chmod((folder / name).c_str(), 0640) == 0);
  }
  if (::setxattr((folder / "listed").c_str(), "system.posix_acl_access", list, sizeof(list), 0) != 0) {
    WARN("this file system has no access-control lists");
    return;
  }
  REQUIRE(::setxattr((folder / "").c_str(), "system.posix_acl_default", list, sizeof(list), 0) == 0);
  replace(folder / "listed");
  replace(folder / "plain");
  replace(folder / "new");
  CHECK(list_of(folder / "listed") == std::vector<unsigned char>(std::begin(list), std::end(list)));
  CHECK(mode(folder / "listed") == 0640);
  CHECK(list_of(folder / "plain").empty());
  CHECK(mode(folder / "plain") == 0640);
  CHECK_FALSE(list_of(folder / "new").empty());
}
#endif

TEST_CASE("a file that is replaced keeps its owner and group where it may", "[permissions]") {
  if (::geteuid() != 0) return;  // files of other users are root's to make
  const TemporaryFolder folder;
  std::filesystem::permissions(folder / "", std::filesystem::perms::all);
  const auto make = [&](::uid_t user, ::gid_t group, ::mode_t mode) {
    std::ofstream(folder / "a") << "old";
    REQUIRE(::chown((folder / "a").c_str(), user, group) == 0);
    REQUIRE(::chmod((folder / "a").c_str(), mode) == 0);
  };
  make(1234, 4321, 0660);
  replace(folder / "a");
  CHECK(attributes(folder / "a").st_uid == 1234);
  CHECK(attributes(folder / "a").st_gid == 4321);
  CHECK(mode(folder / "a") == 0660);

  make(1234, 4321, 0666);
  {
    const Nobody nobody;
    replace(folder / "a");
  }
  CHECK(attributes(folder / "a").st_uid == Nobody::id);
  CHECK(attributes(folder / "a").st_gid == Nobody::id);
  CHECK(mode(folder / "a") == 0666);

  // readable for a group that the new file is not of: nobody but the owner may read it then
  make(Nobody::id, 4321, 0640);
  {
    const Nobody nobody;
    replace(folder / "a");
  }
  CHECK(attributes(folder / "a").st_gid == Nobody::id);
  CHECK(mode(folder / "a") == 0600);
}

TEST_CASE("a file that may not be written is not replaced either", "[permissions]") {
  if (::geteuid() != 0) return;
  const TemporaryFolder folder;
  std::filesystem::permissions(folder / "", std::filesystem::perms::all);
  std::ofstream(folder / "a") << "old";
  REQUIRE(::chown((folder / "a").c_str(), Nobody::id, Nobody::id) == 0);
  REQUIRE(::chmod((folder / "a").c_str(), 0444) == 0);
  const Nobody nobody;
  CHECK_THROWS_WITH(replace(folder / "a"), (folder / "a").string() + ": replacing it: Permission denied");
  CHECK(folder.names() == std::vector<std::string>{"a"});
}
