#pragma once

#include <ctgrad/io/write_place.hpp>

#include <vector>

#ifdef __linux__
#include <sys/xattr.h>
#endif

namespace ctgrad::io {

/// Gives the access-control list of the file at `from`, or that it has none, to an open file. False if that
/// file does not take it. Linux's lists alone are known.
inline bool keep_access_list([[maybe_unused]] const std::filesystem::path& from, [[maybe_unused]] int to) {
#ifdef __linux__
  constexpr const char* name = "system.posix_acl_access";
  const auto absent = [] { return errno == ENODATA || errno == ENOTSUP; };
  std::vector<char> list(65536);  // no attribute is longer
  const ::ssize_t size = ::lgetxattr(from.c_str(), name, list.data(), list.size());
  if (size >= 0) return ::fsetxattr(to, name, list.data(), static_cast<std::size_t>(size), 0) == 0;
  return absent() && (::fremovexattr(to, name) == 0 || absent());
#else
  return true;
#endif
}

/// Gives owner, group, permissions and access-control list of the file `before`, which is at a place, to the
/// open file that will replace it. Where this process may not give it to the owner, the file stays this
/// process' own; where it may not give it to the group or lacks the list, the group gets no more rights than
/// everybody. Other extended attributes are not kept. Throws WriteError if the permissions cannot be set.
inline void keep_permissions(const WritePlace& place, const struct stat& before, int made) {
  struct stat now {};
  const auto look = [&] {
    if (::fstat(made, &now) != 0) place.fail("looking at its new contents");
  };
  look();
  if ((now.st_uid != before.st_uid || now.st_gid != before.st_gid) &&
      ::fchown(made, before.st_uid, before.st_gid) != 0 &&
      ::fchown(made, static_cast<::uid_t>(-1), before.st_gid) != 0 && errno != EPERM && errno != EINVAL) {
    place.fail("keeping its group");
  }
  const bool same_list = keep_access_list(place.path(), made);
  look();
  constexpr ::mode_t all = S_IRWXU | S_IRWXG | S_IRWXO;
  ::mode_t mode = before.st_mode & all;
  if (now.st_gid != before.st_gid || !same_list) mode &= S_IRWXU | S_IRWXO | ((mode & S_IRWXO) << 3U);
  if ((now.st_mode & all) == mode) return;
  if (::fchmod(made, mode) != 0) place.fail("keeping its permissions");
}

}  // namespace ctgrad::io
