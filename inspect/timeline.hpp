#pragma once

#include <ctgrad/base/number_text.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// What happened when, as a file that browsers show: chrome://tracing and https://ui.perfetto.dev open it.
namespace ctgrad {

/// Something that took time.
struct TimelineEvent {
  std::string name;
  double begin = 0;    ///< seconds since the timeline's begin
  double seconds = 0;  ///< that it took
  /// What a viewer tells of it: names with values, which are JSON already (`text::json_string` of a text).
  std::vector<std::pair<std::string, std::string>> facts;
  std::string track;  ///< that it is shown in; events without one share the first
};

namespace text {

/// A text as a string of JSON with its quotation marks. Texts are UTF-8, which JSON's are.
inline std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char character : text) {
    const auto code = static_cast<unsigned char>(character);
    if (code < 0x20) {
      quoted += "\\u00";
      quoted += digits[code / 16];
      quoted += digits[code % 16];
      continue;
    }
    if (character == '"' || character == '\\') quoted += '\\';
    quoted += character;
  }
  return quoted + "\"";
}

/// An event in the track of that number.
inline std::string json_of(const TimelineEvent& event, std::size_t track) {
  std::string facts;
  for (const auto& [name, value] : event.facts)
    facts += (facts.empty() ? "" : ", ") + json_string(name) + ": " + value;
  return R"({"ph": "X", "pid": 1, "tid": )" + std::to_string(track) +
         ", \"name\": " + json_string(event.name) + ", \"ts\": " + fixed(1e6 * event.begin, 3) +
         ", \"dur\": " + fixed(1e6 * event.seconds, 3) + ", \"args\": {" + facts + "}}";
}

/// The event that names what `what` says, of that track: "process_name" or "thread_name".
inline std::string json_of_name(std::string_view what, std::string_view name, std::size_t track) {
  return R"({"ph": "M", "pid": 1, "tid": )" + std::to_string(track) + ", \"name\": " + json_string(what) +
         R"(, "args": {"name": )" + json_string(name) + "}}";
}

}  // namespace text

/// Events in the Trace Event Format, as complete events ("ph": "X") whose times are microseconds; one that
/// lies within another of its track is shown below it. Before them stand the names of the process and of the
/// tracks, which the format takes for threads ("ph": "M").
///
/// Source: "Trace Event Format", Google, 2016.
inline std::string to_json(const std::vector<TimelineEvent>& events) {
  std::string lines = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n";
  lines += text::json_of_name("process_name", "ctgrad", 1) + ",\n";
  lines += text::json_of_name("thread_name", "kernel calls", 1);
  std::vector<std::string> tracks{""};
  std::string rest;
  for (const TimelineEvent& event : events) {
    const auto found = std::ranges::find(tracks, event.track);
    const auto number = static_cast<std::size_t>(found - tracks.begin()) + 1;
    if (found == tracks.end()) {
      tracks.push_back(event.track);
      lines += ",\n" + text::json_of_name("thread_name", event.track, number);
    }
    rest += ",\n" + text::json_of(event, number);
  }
  return lines + rest + "\n]}\n";
}

/// Writes the events to a file, whatever was in it before. Throws std::system_error, which names the file,
/// where that fails.
inline void write_timeline(const std::filesystem::path& path, const std::vector<TimelineEvent>& events) {
  const auto fail = [&](const char* what) {
    throw std::system_error(errno, std::generic_category(), path.string() + ": " + what);
  };
  const std::string text = to_json(events);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (!file) fail("opening it to write a timeline");
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) fail("writing a timeline");
  if (std::fclose(file.release()) != 0) fail("writing a timeline");
}

}  // namespace ctgrad
