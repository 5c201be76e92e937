#include "../../examples/support/dates.hpp"

#include <support/catch.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using ctgrad::Seed;

namespace {

/// The parts of a text between characters of `separators`.
std::vector<std::string> split(std::string text, const std::string& separators) {
  for (char& character : text) {
    if (separators.find(character) != std::string::npos) character = ' ';
  }
  std::istringstream stream(text);
  std::vector<std::string> parts;
  for (std::string part; stream >> part;) parts.push_back(part);
  return parts;
}

int four_digits(const std::string& year) {
  const int number = std::stoi(year);
  return year.size() == 4 ? number : number >= 50 ? 1900 + number : 2000 + number;
}

/// Sunday is 0. Source: Sakamoto's congruence, of the Gregorian calendar.
int weekday(int year, int month, int day) {
  constexpr std::array<int, 12> shifts{0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  const int y = month < 3 ? year - 1 : year;
  return (y + y / 4 - y / 100 + y / 400 + shifts[static_cast<std::size_t>(month) - 1] + day) % 7;
}

/// The position of the name that begins with `word`, which has three letters or all; -1 if there is none.
template <std::size_t N>
int place_of(const std::string& word, const std::array<std::string, N>& names) {
  const auto found = std::ranges::find_if(
      names, [&](const std::string& name) { return word == name || word == name.substr(0, 3); });
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

const std::array<std::string, 12> months{"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
const std::array<std::string, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                          "thursday", "friday", "saturday"};

std::string as_iso(int year, int month, int day) {
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(year) + "-" + two(month) + "-" + two(day);
}

/// A date in words; fails the test where a weekday is wrong or a word unknown.
std::string read_words(const std::string& text) {
  int year = 0, month = 0, day = 0, named_weekday = -1;
  for (const std::string& word : split(text, " ,")) {
    const bool number = std::isdigit(static_cast<unsigned char>(word[0])) != 0;
    if (number && word.size() == 4 && std::isdigit(static_cast<unsigned char>(word[3])) != 0) {
      year = std::stoi(word);
    } else if (number) {
      day = std::stoi(word);
    } else if (place_of(word, months) >= 0) {
      month = place_of(word, months) + 1;
    } else if (place_of(word, weekdays) >= 0) {
      named_weekday = place_of(word, weekdays);
    } else {
      CHECK(word == "of");
    }
  }
  if (named_weekday >= 0) CHECK(weekday(year, month, day) == named_weekday);
  return as_iso(year, month, day);
}

/// A written date, read by its separators alone.
std::string read(const std::string& text) {
  if (text.find('.') != std::string::npos) {
    const auto parts = split(text, ".");
    return as_iso(four_digits(parts[2]), std::stoi(parts[1]), std::stoi(parts[0]));
  }
  if (text.find('/') != std::string::npos) {
    const auto parts = split(text, "/");
    if (parts[0].size() == 4) return as_iso(std::stoi(parts[0]), std::stoi(parts[1]), std::stoi(parts[2]));
    return as_iso(four_digits(parts[2]), std::stoi(parts[0]), std::stoi(parts[1]));
  }
  return read_words(text);
}

std::chrono::sys_days day_of(const std::string& iso) {
  const auto parts = split(iso, "-");
  return std::chrono::year(std::stoi(parts[0])) / std::stoi(parts[1]) / std::stoi(parts[2]);
}

std::vector<TextPair> draw(Seed seed, Split which, std::uint64_t count) {
  std::vector<TextPair> pairs;
  for (std::uint64_t number = 0; number < count; ++number)
    pairs.push_back(dates::example(seed, which, number));
  return pairs;
}

}  // namespace

TEST_CASE("a date is written in every style as people write it", "[dates]") {
  const std::chrono::sys_days date = std::chrono::year(2021) / 3 / 3;
  const std::vector<std::string> expected{"march 3, 2021",      "mar 3, 2021",
                                          "march 3rd, 2021",    "3 march 2021",
                                          "3 mar 2021",         "3rd of march 2021",
                                          "wed, march 3, 2021", "wednesday 3 mar 2021",
                                          "3.3.2021",           "3.3.21",
                                          "03.03.2021",         "03.03.21",
                                          "3/3/2021",           "3/3/21",
                                          "03/03/2021",         "2021/03/03"};
  std::vector<std::string> written;
  for (const std::string_view style : dates::styles()) written.push_back(dates::write(date, style));
  CHECK(written == expected);
  CHECK(dates::iso(date) == "2021-03-03");
}

TEST_CASE("days have the endings of English ordinals", "[dates]") {
  std::string all;
  for (unsigned day = 1; day <= 31; ++day)
    all += dates::write(std::chrono::year(2000) / 1 / static_cast<int>(day), "%o ");
  CHECK(
      all ==
      "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th 16th 17th 18th 19th 20th 21st 22nd "
      "23rd 24th 25th 26th 27th 28th 29th 30th 31st ");
}

TEST_CASE("every date of the range, in every style, is read back as its target", "[dates]") {
  const std::chrono::sys_days end = std::chrono::year(dates::last_year + 1) / 1 / 1;
  std::size_t wrong = 0, count = 0;
  for (std::chrono::sys_days date = std::chrono::year(dates::first_year) / 1 / 1; date < end;
       date += std::chrono::days(1)) {
    const auto style = dates::styles()[count++ % dates::styles().size()];
    if (read(dates::write(date, style)) != dates::iso(date)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(count == 36525);  // a hundred years, 25 of them leap years
}

TEST_CASE("examples are dates of the range, read back as their targets, within the bounds", "[dates]") {
  const std::uint64_t seed = ctgrad::test::seed();
  INFO("seed " << seed);
  std::size_t longest = 0;
  std::set<char> source_characters, target_characters;
  for (const Split which : {Split::training, Split::unseen}) {
    for (const TextPair& pair : draw(Seed{seed}, which, 20000)) {
      INFO(pair.source);
      REQUIRE(read(pair.source) == pair.target);
      REQUIRE(dates::iso(day_of(pair.target)) == pair.target);
      REQUIRE(pair.target.size() == dates::target_length);
      longest = std::max(longest, pair.source.size());
      source_characters.insert(pair.source.begin(), pair.source.end());
      target_characters.insert(pair.target.begin(), pair.target.end());
    }
  }
  CHECK(longest == dates::longest_source);
  CHECK(std::string(source_characters.begin(), source_characters.end()) == dates::source_characters);
  CHECK(std::string(target_characters.begin(), target_characters.end()) == dates::target_characters);
}

TEST_CASE("the dates of one split are never those of the other, whatever seed and style", "[dates]") {
  std::set<std::string> trained;
  for (const std::uint64_t seed : {51u, 52u, 53u}) {
    for (const TextPair& pair : draw(Seed{seed}, Split::training, 20000)) trained.insert(pair.target);
  }
  std::set<std::string> unseen;
  for (const TextPair& pair : draw(Seed{54}, Split::unseen, 10000)) unseen.insert(pair.target);
  CHECK(std::ranges::none_of(unseen, [&](const std::string& date) { return trained.contains(date); }));
  CHECK(std::ranges::all_of(unseen, [&](const std::string& date) { return dates::is_unseen(day_of(date)); }));
  CHECK(unseen.size() > 36525 / 10 - 300);
  CHECK(unseen.size() < 36525 / 10 + 300);
  CHECK(trained.size() + unseen.size() <= 36525);
}

TEST_CASE("no unseen date comes twice before all have come", "[dates]") {
  std::set<std::string> seen;
  for (const TextPair& pair : draw(Seed{55}, Split::unseen, 3000)) seen.insert(pair.target);
  CHECK(seen.size() == 3000);
}

TEST_CASE("styles and dates of training are drawn uniformly", "[dates]") {
  std::map<std::string, int> months_drawn;
  int dotted = 0;
  for (const TextPair& pair : draw(Seed{56}, Split::training, 12000)) {
    ++months_drawn[pair.target.substr(5, 2)];
    dotted += pair.source.find('.') != std::string::npos ? 1 : 0;
  }
  CHECK(months_drawn.size() == 12);
  for (const auto& [month, count] : months_drawn) {
    INFO("seed 56, month " << month);
    CHECK(std::abs(count - 1000) < 200);
  }
  CHECK(std::abs(dotted - 3000) < 5 * 48);  // four styles of sixteen; five standard deviations
}

TEST_CASE("an example is a function of seed, split and number", "[dates]") {
  const auto sources = [](Seed seed, Split which) {
    std::vector<std::string> texts;
    for (const TextPair& pair : draw(seed, which, 50)) texts.push_back(pair.source);
    return texts;
  };
  CHECK(sources(Seed{57}, Split::training) == sources(Seed{57}, Split::training));
  CHECK(sources(Seed{57}, Split::training) != sources(Seed{58}, Split::training));
  CHECK(sources(Seed{57}, Split::unseen) != sources(Seed{58}, Split::unseen));
}

TEST_CASE("what a person types is made small and stripped of spaces around it", "[dates]") {
  CHECK(dates::normalized("  March 3, 2021 ") == "march 3, 2021");
  CHECK(dates::normalized("3.3.21") == "3.3.21");
  CHECK(dates::normalized("   ").empty());
}
