#pragma once

#include <ctgrad/io/descriptor.hpp>
#include <ctgrad/io/write_error.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <optional>

namespace ctgrad::io {

/// Where a file is, or will be once it is written: an open folder and a name in it. A link that is given as
/// the file is followed to its end, also where nothing is there yet. All failures are WriteErrors.
class WritePlace {
 public:
  /// Throws if the folder cannot be opened, and as before() does.
  explicit WritePlace(std::filesystem::path given) : given_(std::move(given)) {
    if (given_.empty()) fail("a file without a name", ENOENT);
    if (given_.native().find('\0') != std::string::npos) fail("a name with a zero in it", EINVAL);
    struct stat reached {};
    const bool there = ::stat(given_.c_str(), &reached) == 0;
    if (there) {
      require_replaceable(reached);  // of /dev/stdout and the like this alone tells where they lead
    } else if (errno != ENOENT) {
      fail("looking at it");
    }
    const std::filesystem::path end = end_of_links();
    name_ = end.filename();
    if (name_.empty()) fail("writing a folder", EISDIR);
    parent_ = end.parent_path();
    const std::filesystem::path folder = parent_.empty() ? "." : parent_;
    std::error_code no_working_folder;
    path_ = std::filesystem::absolute(end, no_working_folder);
    folder_ =
        Descriptor(uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!folder_.is_open()) fail("opening the folder " + folder.string());
    if (!before() && there) fail("writing a file that no folder has any more", ENOENT);
  }

  const std::filesystem::path& given() const { return given_; }  ///< what errors call it
  int folder() const { return folder_.number(); }
  const std::string& name() const { return name_; }
  const std::filesystem::path& path() const { return path_; }  ///< absolute if there is a working folder

  /// The file that will be replaced, if there is one. Throws if it is not a regular file, if this process may
  /// not write it or not give its name to another file, and if it is the one that standard output or standard
  /// error goes to.
  std::optional<struct stat> before() const {
    struct stat file {};
    if (::fstatat(folder(), name_.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return std::nullopt;
      fail("looking at it");
    }
    require_replaceable(file);
    if (::faccessat(folder(), name_.c_str(), W_OK, AT_EACCESS) != 0) fail("replacing it");
    require_name_free(file);
    return file;
  }

  /// Brings to the disk which names the folder has.
  void sync() const {
    const int result = uninterrupted([&] { return ::fsync(folder()); });
    if (result == 0 || errno == EINVAL) return;  // EINVAL: a file system that cannot
    fail("bringing to the disk that it is in its folder");
  }

  /// How messages call a file beside this one.
  std::string beside(const std::string& name) const { return (parent_ / name).string(); }

  [[noreturn]] void fail(const std::string& what, int error = errno) const {
    throw WriteError(given_, what, error);
  }

 private:
  void require_replaceable(const struct stat& file) const {
    if (S_ISDIR(file.st_mode)) fail("replacing a folder", EISDIR);
    if (S_ISFIFO(file.st_mode)) fail("replacing a pipe", EINVAL);
    if (S_ISSOCK(file.st_mode)) fail("replacing a socket", EINVAL);
    if (S_ISLNK(file.st_mode)) fail("replacing a link", EINVAL);  // it was none when this place was looked up
    if (!S_ISREG(file.st_mode)) fail("replacing a device", EINVAL);
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
      struct stat open {};
      if (::fstat(output, &open) != 0 || open.st_dev != file.st_dev || open.st_ino != file.st_ino) continue;
      fail("replacing the file that this program's output goes to", EBUSY);
    }
  }

  /// Throws if another file cannot get the name of this one, though this one may be written.
  void require_name_free(const struct stat& file) const {
    struct stat parent {};
    if (::fstat(folder(), &parent) != 0) fail("looking at its folder");
    const ::uid_t user = ::geteuid();
    if ((parent.st_mode & S_ISVTX) != 0 && user != 0 && user != file.st_uid && user != parent.st_uid)
      fail("replacing another user's file in a folder that is shared", EPERM);
#ifdef STATX_ATTR_MOUNT_ROOT
    struct statx more {};
    if (::statx(folder(), name_.c_str(), AT_SYMLINK_NOFOLLOW, 0, &more) != 0) return;
    if ((more.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) fail("replacing what is mounted there", EBUSY);
    if ((more.stx_attributes & STATX_ATTR_APPEND) != 0) fail("replacing a file that may only grow", EPERM);
#endif
  }

  std::filesystem::path end_of_links() const {
    constexpr int most = 40;  // as many as Linux follows
    std::filesystem::path at = given_;
    std::error_code error;
    for (int links = 0; links <= most; ++links) {
      if (std::filesystem::symlink_status(at, error).type() != std::filesystem::file_type::symlink) return at;
      const std::filesystem::path link = std::filesystem::read_symlink(at, error);
      if (error) fail("reading where it links to", error.value());
      at = at.parent_path() / link;
    }
    fail("following its links", ELOOP);
  }

  std::filesystem::path given_;
  std::filesystem::path parent_;  ///< as messages call it; may be empty
  std::filesystem::path path_;
  std::string name_;
  Descriptor folder_;
};

}  // namespace ctgrad::io
