#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

/// How many threads this process can run at once.
namespace ctgrad::runtime {

/// The most threads of a team.
inline constexpr std::size_t most_threads = 1024;

[[noreturn]] inline void refuse_thread_count(const char* name, const std::string& got) {
  throw std::invalid_argument(std::string(name) + ": expected a number of threads from 1 to " +
                              std::to_string(most_threads) + ", got " + got);
}

/// A number of threads. Throws std::invalid_argument, as `name`'s, unless it is 1 to most_threads.
inline std::size_t require_thread_count(std::size_t count, const char* name) {
  if (count == 0 || count > most_threads) refuse_thread_count(name, std::to_string(count));
  return count;
}
/// The same of a text.
inline std::size_t require_thread_count(std::string_view text, const char* name) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  if (!is_whole || count == 0 || count > most_threads)
    refuse_thread_count(name, "'" + std::string(text) + "'");
  return count;
}

/// The processors that the system lets this process run on.
inline std::size_t allowed_processors() {
#ifdef __linux__
  // Of 1024 processors each; the system refuses sets that are too small for the machine.
  for (std::size_t sets = 1; sets <= 64; sets *= 2) {
    std::vector<cpu_set_t> masks(sets);
    const std::size_t bytes = sets * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, masks.data()) == 0)
      return static_cast<std::size_t>(CPU_COUNT_S(bytes, masks.data()));
  }
#endif
  return std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

/// The processors' time, in seconds a second, that the text of a control group's cpu.max grants: "150000
/// 100000" is 1.5; nothing where there is no limit ("max 100000").
inline std::optional<double> processor_quota(const std::string& text) {
  double quota = 0, period = 0;
  const char* begin = text.c_str();
  char* end = nullptr;
  quota = std::strtod(begin, &end);
  if (end == begin) return std::nullopt;
  begin = end;
  period = std::strtod(begin, &end);
  if (end == begin || !(quota > 0) || !(period > 0)) return std::nullopt;
  return quota / period;
}

/// The smallest quota of this process' control group and of those around it, as containers have them (the
/// second version of Linux' control groups).
[[gnu::cold]] inline std::optional<double> container_quota() {
  std::optional<double> least;
  std::ifstream groups("/proc/self/cgroup");
  std::string line;
  while (std::getline(groups, line)) {
    if (!line.starts_with("0::")) continue;
    for (std::string path = line.substr(3);; path.erase(path.rfind('/'))) {
      std::ifstream file("/sys/fs/cgroup" + path + "/cpu.max");
      std::string text;
      std::getline(file, text);
      if (const std::optional<double> quota = processor_quota(text))
        least = std::min(least.value_or(*quota), *quota);
      if (path.rfind('/') == std::string::npos) break;
    }
  }
  return least;
}

/// The processors that this process may use: those that it may run on, no more than its container's quota
/// fills.
inline std::size_t usable_processors() {
  const std::size_t allowed = std::min(allowed_processors(), most_threads);
  const std::optional<double> quota = container_quota();
  if (!quota) return allowed;
  return std::min(allowed, static_cast<std::size_t>(std::max(std::ceil(*quota), 1.0)));
}

/// How many threads a team has unless it is told: CTGRAD_THREADS of the environment, or as many as there are
/// usable processors. Throws std::invalid_argument where CTGRAD_THREADS is no number of threads.
inline std::size_t default_threads() {
  const char* text = std::getenv("CTGRAD_THREADS");
  return text != nullptr ? require_thread_count(std::string_view(text), "CTGRAD_THREADS")
                         : usable_processors();
}

}  // namespace ctgrad::runtime
