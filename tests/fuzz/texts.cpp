#include "fuzz.hpp"

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/report/svg.hpp>

#include <additions.hpp>
#include <alphabet.hpp>
#include <dates.hpp>
#include <text.hpp>

#include <stdexcept>

/// Texts: any bytes as a corpus, as what a person types, as a name in a message and as text in a report.

using fuzz::Choices;
using fuzz::require;
namespace io = ctgrad::io;
namespace report = ctgrad::report;

namespace {

bool is_utf8(std::string_view text) {
  return std::ranges::all_of(io::characters(text), [](const io::Character& c) { return c.valid; });
}

/// A text of a few characters, most of them in UTF-8.
std::string made_text(Choices& choices) {
  static constexpr const char* pieces[] = {"a", "b", "é",  "層", "\U0001F642", " ",      "\n",  "1",
                                           "2", "9", "+",  ",",  ".",          "march",  "/",   "-",
                                           "<", "&", "\"", "\\", "\x1b[",      "\u202E", "\x7F"};
  std::string text;
  const bool broken = choices.below(16) == 0;
  while (choices.any_left()) text += choices.of(pieces);
  return broken ? text + '\xE2' : text;
}

void check_corpus(std::string_view text, std::int32_t largest, std::size_t block) {
  try {
    const Corpus corpus(text, largest, block);
    const Vocabulary& vocabulary = corpus.vocabulary();
    require(vocabulary.size() >= 1 && vocabulary.size() <= largest, "a vocabulary is as large as wanted");
    require(
        std::ranges::all_of(corpus.ids(), [&](std::int32_t id) { return id >= 0 && id < vocabulary.size(); }),
        "ids are those of the vocabulary");
    require(is_utf8(text) && corpus.ids().size() == io::characters(text).size(),
            "a corpus is all of a text in UTF-8");
    const std::string decoded = vocabulary.decode(corpus.ids());
    require(vocabulary.decode(vocabulary.encode(decoded)) == decoded,
            "what was decoded is encoded as it was");
    require(is_utf8(vocabulary.all()), "a vocabulary is UTF-8");
    const auto parts = {Part::fitting, Part::validation, Part::held_out};
    require(count(corpus.stretches(parts)) == corpus.ids().size(), "all of a corpus is for something");
    fuzz::count_taken();
  } catch (const std::invalid_argument& error) {
    fuzz::require_readable(error.what(), "");
  }
}

void check_typed(std::string_view text) {
  try {
    const std::string addition = additions::normalized(text);
    require(additions::normalized(addition) == addition, "a normal addition stays as it is", addition);
    const Alphabet alphabet(additions::source_characters);
    const auto ids = alphabet.encode(addition, additions::longest_source);
    require(alphabet.decode(ids) == addition, "an addition's ids are its characters", addition);
  } catch (const std::invalid_argument& error) {
    fuzz::require_readable(error.what(), "text: ");
  }
  try {
    const std::string date = dates::normalized(text);
    require(dates::normalized(date) == date, "a normal date stays as it is", date);
    const Alphabet alphabet(dates::source_characters);
    const auto ids = alphabet.encode(date, dates::longest_source);
    require(alphabet.decode(ids) == date, "a date's ids are its characters", date);
  } catch (const std::invalid_argument& error) {
    fuzz::require_readable(error.what(), "text: ");
  }
}

void check_shown(std::string_view text, std::size_t most) {
  const std::string shown = io::shown(text, most);
  require(is_utf8(shown) && shown.size() <= most + 16 + 3, "what is shown is short and UTF-8", shown);
  for (const io::Character& c : io::characters(shown))
    require(!io::is_control(c.code), "nothing shown is a command", shown);
  const std::string escaped = report::escaped(text);
  require(is_utf8(escaped) && escaped.find_first_of("<>\"'") == std::string::npos, "markup is escaped",
          escaped);
  require(report::columns(report::shortened(report::visible(text), most + 1)) <= most + 1,
          "a text is shortened", text);
  require(is_utf8(report::visible(text)), "what is visible is UTF-8", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const auto largest = static_cast<std::int32_t>(choices.below(20));
  const std::size_t block = choices.below(8) == 0 ? choices.extent() : choices.below(4);
  const std::string made = choices.below(4) == 0 ? std::string() : made_text(choices);
  const std::string_view text = made.empty() ? choices.rest() : made;
  check_corpus(text, largest, block);
  check_typed(text);
  check_shown(text, static_cast<std::size_t>(largest));
  return 0;
}
