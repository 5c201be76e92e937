#include "dates.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace dates {
namespace {

constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 16> patterns{
    "%B %e, %Y",     "%b %e, %Y",   "%B %o, %Y", "%e %B %Y", "%e %b %Y", "%o of %B %Y",
    "%a, %B %e, %Y", "%A %e %b %Y", "%e.%n.%Y",  "%e.%n.%y", "%d.%m.%Y", "%d.%m.%y",
    "%n/%e/%Y",      "%n/%e/%y",    "%m/%d/%Y",  "%Y/%m/%d"};

/// Of a number below 100.
std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

std::string ordinal(unsigned day) {
  const bool teens = day / 10 == 1;
  const unsigned digit = teens ? 0 : day % 10;
  return std::to_string(day) + (digit == 1 ? "st" : digit == 2 ? "nd" : digit == 3 ? "rd" : "th");
}

/// What stands for one letter behind a per cent sign.
std::string field(char letter, const std::chrono::year_month_day& date, std::chrono::weekday weekday) {
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  const std::string_view month_name = months[month - 1], weekday_name = weekdays[weekday.c_encoding()];
  switch (letter) {
    case 'Y':
      return std::to_string(year);
    case 'y':
      return two_digits(year % 100);
    case 'm':
      return two_digits(month);
    case 'n':
      return std::to_string(month);
    case 'B':
      return std::string(month_name);
    case 'b':
      return std::string(month_name.substr(0, 3));
    case 'd':
      return two_digits(day);
    case 'e':
      return std::to_string(day);
    case 'o':
      return ordinal(day);
    case 'A':
      return std::string(weekday_name);
    default:
      return std::string(weekday_name.substr(0, 3));  // 'a'
  }
}

/// All dates: those that training shows, and the others in the order of their hashes.
struct AllDates {
  std::vector<std::chrono::sys_days> training, unseen;
};

std::uint32_t hash(std::chrono::sys_days date) {
  const auto days = static_cast<std::uint32_t>(date.time_since_epoch().count());
  return ctgrad::philox4x32({days, 0, 0, 0}, {0x64617465, 0})[0];
}

const AllDates& all_dates() {
  static const AllDates all = [] {
    AllDates sorted;
    const std::chrono::sys_days end = std::chrono::year(last_year + 1) / 1 / 1;
    for (std::chrono::sys_days date = std::chrono::year(first_year) / 1 / 1; date < end;
         date += std::chrono::days(1))
      (is_unseen(date) ? sorted.unseen : sorted.training).push_back(date);
    std::ranges::sort(sorted.unseen, {}, [](auto date) { return std::pair(hash(date), date); });
    return sorted;
  }();
  return all;
}

}  // namespace

std::span<const std::string_view> styles() { return patterns; }

std::string write(std::chrono::sys_days date, std::string_view style) {
  std::string text;
  for (std::size_t i = 0; i < style.size(); ++i) {
    text += style[i] == '%' ? field(style[++i], date, std::chrono::weekday(date)) : std::string(1, style[i]);
  }
  return text;
}

std::string iso(std::chrono::sys_days date) { return write(date, "%Y-%m-%d"); }

bool is_unseen(std::chrono::sys_days date) { return hash(date) < 0xFFFFFFFF / 10; }

TextPair example(ctgrad::Seed seed, Split split, std::uint64_t number) {
  constexpr std::uint64_t streams = std::uint64_t{0x6461} << 48;  // that nothing else draws from
  const std::uint64_t half = split == Split::unseen ? std::uint64_t{1} << 47 : 0;
  ctgrad::Random random(seed, streams | half | number);
  const std::string_view style = patterns[random.below(patterns.size())];
  const auto& from = split == Split::unseen ? all_dates().unseen : all_dates().training;
  const std::chrono::sys_days date = split == Split::unseen
                                         ? from[number % from.size()]
                                         : from[random.below(static_cast<std::uint32_t>(from.size()))];
  return {write(date, style), iso(date)};
}

std::string normalized(std::string_view typed) {
  const std::size_t begin = typed.find_first_not_of(' '), end = typed.find_last_not_of(' ');
  std::string text(begin == std::string_view::npos ? std::string_view{}
                                                   : typed.substr(begin, end + 1 - begin));
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

}  // namespace dates
