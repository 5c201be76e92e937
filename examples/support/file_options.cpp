#include "file_options.hpp"

#include <ctgrad/io/file_lock.hpp>
#include <ctgrad/io/quoted.hpp>

#include "program.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace {

/// Where a file is or would be, links followed, those too at whose end nothing is yet.
std::filesystem::path place_of(const std::string& path) {
  constexpr int most = 40;  // as many as Linux follows
  std::filesystem::path at = std::filesystem::absolute(path);
  std::error_code error;
  for (int links = 0; links < most && std::filesystem::is_symlink(at, error); ++links)
    at = at.parent_path() / std::filesystem::read_symlink(at, error);
  const std::filesystem::path place = std::filesystem::weakly_canonical(at, error);
  return error ? at.lexically_normal() : place;
}

bool in_one_folder(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;  // where a folder is not there
  return a.parent_path() == b.parent_path() ||
         std::filesystem::equivalent(a.parent_path(), b.parent_path(), error);
}

}  // namespace

void require_not_beside(const FileOption& file, const FileOption& output) {
  if (file.path.empty() || output.path.empty()) return;
  const std::filesystem::path place = place_of(file.path), written = place_of(output.path);
  if (!in_one_folder(place, written)) return;
  if (!ctgrad::io::WriterNames(written.filename()).contain(place.filename())) return;
  throw std::invalid_argument(std::string(file.name) + ": expected no file that goes when " + output.name +
                              "'s is written, got " + ctgrad::io::shown(file.path) +
                              "; copy it to another name");
}

void require_different(std::initializer_list<FileOption> files) {
  for (const FileOption* later = files.begin(); later != files.end(); ++later) {
    for (const FileOption* file = files.begin(); file != later; ++file) {
      require_not_beside(*file, *later);
      require_not_beside(*later, *file);
      if (file->path.empty() || later->path.empty()) continue;
      const std::filesystem::path place = place_of(file->path), other = place_of(later->path);
      if (place.filename() != other.filename() || !in_one_folder(place, other)) continue;
      throw std::invalid_argument(std::string(later->name) + ": expected another file than " + file->name +
                                  "'s, got " + ctgrad::io::shown(later->path));
    }
  }
}

void require_writable(std::initializer_list<FileOption> files) {
  for (const FileOption& file : files) {
    if (!file.path.empty()) ctgrad::io::FileLock{file.path};
  }
}

std::string stopped_at(std::size_t step, std::size_t steps, const std::string& signal) {
  return "stopped at step " + std::to_string(step) + " of " + std::to_string(steps) + " by " + signal;
}

void FinalWrite::attempt() try { require(); } catch (const std::exception& error) {
  due_ = true;
  std::fprintf(stderr, "warning: %s; it is tried once more in the end\n", error.what());
}

void FinalWrite::end_training(const ctgrad::StopOnSignals& stop, const std::string& words) {
  if (!stop) return;
  require();
  throw Stopped(stop.signal(), words);
}

void FinalWrite::require() {
  due_ = false;
  if (!written_) write_();
  written_ = true;
}

FinalWrite::~FinalWrite() {
  if (!due_) return;
  try {
    require();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
}
