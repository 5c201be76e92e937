// Every system call of a save is made to fail, with every error that may come, once or from then on, and to
// kill the process. Whatever happens, the file is the old one or the new one as a whole, with the old one's
// permissions; a refusal names the file and the cause; nothing else is left, but by who was killed or could
// not take it away, and that is gone after the next save, which succeeds.
#include "system_calls.hpp"

#include <ctgrad/report/html.hpp>

#include <support/catch.hpp>
#include <train/small_run.hpp>

#include <sys/wait.h>

#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string_view>

using namespace ctgrad;
using test::TemporaryFolder;
using test::faults::Armed;
using test::faults::Fault;
using test::faults::When;
using Names = std::vector<std::string>;

namespace {

constexpr ::mode_t kept_mode = 0640;

/// Something that writes a file of one of two contents, so many times.
struct Writer {
  const char* name;
  int times;
  std::function<void(const std::filesystem::path&, bool newer)> write;
};

void write_tensor(const std::filesystem::path& path, bool newer) {
  const std::vector<float> numbers(newer ? 3000 : 2000, newer ? 2.0F : 1.0F);
  io::write_safetensors(path, {io::named_tensor("t", {numbers.size()}, numbers)});
}

void write_checkpoint(const std::filesystem::path& path, bool newer) {
  const test::SmallAdamRun run(newer ? 2 : 1);
  save_checkpoint(path, run.parameters, run.optimizer, {.step = newer ? 2U : 1U});
}

/// As a run does that has the checkpoint's lock.
void write_two_checkpoints(const std::filesystem::path& path, bool newer) {
  const test::SmallAdamRun run(newer ? 2 : 1);
  io::FileLock lock(path);
  for (int i = 0; i < 2; ++i) save_checkpoint(lock, run.parameters, run.optimizer, {.step = newer ? 2U : 1U});
}

void write_report(const std::filesystem::path& path, bool newer) {
  report::Report page(newer ? "newer" : "older");
  page.paragraph("words");
  page.write(path);
}

const Writer writers[] = {{"tensors", 1, write_tensor},
                          {"a checkpoint", 1, write_checkpoint},
                          {"checkpoints of a run", 2, write_two_checkpoints},
                          {"a report", 1, write_report}};

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A folder with the file, or none yet, and what it is called there.
struct Place {
  bool there, by_link;

  std::filesystem::path target(const TemporaryFolder& folder) const {
    return folder / (by_link ? "link" : "a");
  }
  void prepare(const TemporaryFolder& folder, const Writer& writer) const {
    if (by_link) std::filesystem::create_symlink("a", folder / "link");
    if (!there) return;
    writer.write(target(folder), false);
    // with an owner, who must be given the file, and permissions of its own; only root has files of others
    if (::geteuid() == 0) REQUIRE(::chown((folder / "a").c_str(), 1234, 4321) == 0);
    REQUIRE(::chmod((folder / "a").c_str(), kept_mode) == 0);
  }
};

/// How a save with a fault ended.
struct Outcome {
  bool killed = false;
  std::string refusal;
  std::vector<const char*> calls;
};

Outcome save(const Writer& writer, const std::filesystem::path& target, Fault fault) {
  Outcome outcome;
  if (fault.when == When::kill) {
    const ::pid_t process = ::fork();
    if (process == 0) {
      const Armed armed(fault);
      writer.write(target, true);
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    outcome.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    return outcome;
  }
  try {
    const Armed armed(fault);
    writer.write(target, true);
  } catch (const std::exception& error) {
    outcome.refusal = error.what();
  }
  outcome.calls = test::faults::state.calls;
  return outcome;
}

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

/// What was tried and what held.
struct Tally {
  std::size_t calls = 0, tried = 0, killed = 0, whole = 0, refused = 0, named = 0, clean = 0, next = 0;

  bool holds() const { return whole == tried && named == refused && clean == tried && next == tried; }
  std::string text() const {
    const auto of = [](std::size_t part, std::size_t all, const char* what) {
      return "; " + std::to_string(part) + " of " + std::to_string(all) + " " + what;
    };
    return "faults: " + std::to_string(calls) + " calls of saves, " + std::to_string(tried) +
           " faults tried, " + std::to_string(killed) + " of them kills" +
           of(whole, tried, "left the old or the new file whole") +
           of(named, refused, "refusals name file and cause") +
           of(clean, tried, "leave nothing else that they could take away") +
           of(next, tried, "next saves put everything right");
  }
};

/// Where in a save's calls one is.
bool is_first(const std::vector<const char*>& calls, std::size_t at) {
  const auto same = [&](const char* call) { return std::string_view(call) == calls.at(at); };
  return std::ranges::find_if(calls, same) - calls.begin() == static_cast<std::ptrdiff_t>(at);
}
bool is_last(const std::vector<const char*>& calls, std::size_t at) {
  return is_first({calls.rbegin(), calls.rend()}, calls.size() - 1 - at);
}

/// Calls whose failure may leave something: those that take it away, and the last look at whose the lock is.
bool may_leave(const std::vector<const char*>& calls, Fault fault) {
  const std::string_view call = calls.at(fault.at);
  return fault.when != When::once || call == "unlinkat" || (call == "fstatat" && is_last(calls, fault.at));
}

/// Calls that are made again when a signal interrupts them, or that have done their work then.
bool withstands_signals(std::string_view call) {
  for (const char* known : {"open", "openat", "close", "write", "pwrite", "pread", "fsync", "flock"}) {
    if (call == known) return true;
  }
  return false;
}

/// Calls without which nothing is saved. Of those that close files the first closes the new contents.
bool is_needed(const std::vector<const char*>& calls, std::size_t at) {
  const std::string_view call = calls.at(at);
  for (const char* known : {"open", "openat", "write", "pwrite", "fsync", "flock", "renameat"}) {
    if (call == known) return true;
  }
  return call == "close" && is_first(calls, at);
}

class Trial {
 public:
  Trial(const Writer& writer, Place place, Tally& tally) : writer_(writer), place_(place), tally_(tally) {
    const TemporaryFolder folder;
    place_.prepare(folder, writer_);
    old_ = place_.there ? contents(folder / "a") : "";
    calls_ = save(writer_, place_.target(folder), {}).calls;
    new_ = contents(folder / "a");
    names_ = folder.names();
    REQUIRE(old_ != new_);
    tally_.calls += calls_.size();
  }

  std::size_t calls() const { return calls_.size(); }

  void run(Fault fault) {
    const std::string call = calls_.at(fault.at);
    INFO(writer_.name << (place_.there ? "" : ", new") << (place_.by_link ? ", by a link" : "") << ": call "
                      << fault.at << ", " << call << ": "
                      << (fault.when == When::kill ? "kill" : std::generic_category().message(fault.error))
                      << (fault.when == When::from_then_on ? ", from then on" : ""));
    const TemporaryFolder folder;
    place_.prepare(folder, writer_);
    const std::filesystem::path target = place_.target(folder);
    const std::ptrdiff_t files = open_files();
    const Outcome outcome = save(writer_, target, fault);
    CHECK(open_files() == files);
    CHECK(outcome.killed == (fault.when == When::kill));
    ++tally_.tried;
    tally_.killed += outcome.killed ? 1 : 0;
    tally_.whole += checked(is_whole(folder, outcome, call));
    if (!outcome.refusal.empty()) {
      ++tally_.refused;
      tally_.named += checked(names_file_and_cause(target, outcome, fault));
    }
    const bool tries_again = fault.error == EINTR || (fault.error == EWOULDBLOCK && call == "flock");
    if (tries_again && fault.when == When::once && withstands_signals(call)) CHECK(outcome.refusal.empty());
    if (!tries_again && !outcome.killed && is_needed(calls_, fault.at)) CHECK_FALSE(outcome.refusal.empty());
    Names names = folder.names();
    std::erase(names, "a");
    tally_.clean += checked(may_leave(calls_, fault) || names == others());
    CHECK_NOTHROW(writer_.write(target, true));
    tally_.next += checked(contents(folder / "a") == new_ && folder.names() == names_);
  }

 private:
  static std::size_t checked(bool holds) {
    CHECK(holds);
    return holds ? 1 : 0;
  }

  Names others() const {
    Names names = names_;
    std::erase(names, "a");
    return names;
  }

  /// The old file, or the new one; the new one with a refusal, if that is only of bringing its name to the
  /// disk.
  bool is_whole(const TemporaryFolder& folder, const Outcome& outcome, const std::string& call) const {
    const bool link_stays = !place_.by_link || std::filesystem::is_symlink(folder / "link");
    struct stat file {};
    if (::stat((folder / "a").c_str(), &file) != 0) return !place_.there && link_stays;
    const std::string now = contents(folder / "a");
    const ::mode_t mode = file.st_mode & 07777U;
    const bool kept = !place_.there || mode == kept_mode ||
                      (call.ends_with("xattr") && mode == (kept_mode & ~static_cast<::mode_t>(S_IRWXG))) ||
                      (call == "fchown" && mode == (kept_mode & ~static_cast<::mode_t>(S_IRWXG)));
    const bool saved = !outcome.killed && outcome.refusal.empty();
    const bool may_be_new = outcome.refusal.empty() || call == "fsync" || writer_.times > 1;
    return link_stays && kept && ((now == new_ && may_be_new) || (now == old_ && place_.there && !saved));
  }

  static bool names_file_and_cause(const std::filesystem::path& target, const Outcome& outcome, Fault fault) {
    const auto contains = [&](const std::string& text) {
      return outcome.refusal.find(text) != std::string::npos;
    };
    return contains(target.string() + ": ") && contains(std::generic_category().message(fault.error));
  }

  const Writer& writer_;
  Place place_;
  Tally& tally_;
  std::string old_, new_;
  Names names_;
  std::vector<const char*> calls_;
};

/// Saves by all writers, each fault on each of their calls.
void try_all(const std::vector<Place>& places, const std::vector<Fault>& faults) {
  Tally tally;
  for (const Writer& writer : writers) {
    for (const Place place : places) {
      Trial trial(writer, place, tally);
      for (std::size_t call = 0; call < trial.calls(); ++call) {
        for (const Fault& fault : faults) trial.run({fault.when, call, fault.error});
      }
    }
  }
  CHECK(tally.holds());
  std::cout << "figure: " << tally.text() << "\n" << std::flush;
}

}  // namespace

TEST_CASE("whatever system call of a save fails or is its last, there is a whole file", "[faults]") {
  try_all({{false, true}, {true, false}}, {{When::kill}, {When::once, 0, ENOSPC}});
}

// What `./dev fault-test` runs.
TEST_CASE("so it is with every error, once or from then on, and however the file is named", "[.][every]") {
  std::vector<Fault> faults{{When::kill}, {When::once, 0, EINTR}};
  for (const int error : {EIO, ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM, ENOLCK, ENOTSUP, EWOULDBLOCK}) {
    faults.push_back({When::once, 0, error});
    faults.push_back({When::from_then_on, 0, error});
  }
  try_all({{false, false}, {true, false}, {false, true}, {true, true}}, faults);
}
