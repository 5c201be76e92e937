#pragma once

#include "text_pair.hpp"

#include <ctgrad/runtime/random.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Dates in the many ways in which people write them, and in the one of ISO 8601: "march 3, 2021" and
/// "3.3.21" are both "2021-03-03".
///
/// No style is ambiguous: numbers between dots are day.month.year, numbers between slashes month/day/year, or
/// year/month/day where the first has four digits. Years of two digits are those of 1950 to 2049: "49" is
/// 2049 and "50" is 1950. All letters are small.
namespace dates {

/// The dates are those from the first of January of one year to the last of December of the other.
inline constexpr int first_year = 1950, last_year = 2049;

inline constexpr std::string_view source_characters = " ,./0123456789abcdefghijlmnoprstuvwy";
inline constexpr std::string_view target_characters = "-0123456789";

/// The most characters of a written date, and the characters of every target.
inline constexpr std::size_t longest_source = 23, target_length = 10;

/// The styles, as patterns. As of std::strftime: %Y and %y are the year in four and in two digits, %m and %d
/// month and day in two digits, %e the day without a leading 0, %B and %b a month's name, whole and in three
/// letters, %A and %a a weekday's. Besides, %n is the month without a leading 0, and %o the day as in "3rd".
std::span<const std::string_view> styles();

/// "march 3, 2021" for "%B %e, %Y".
std::string write(std::chrono::sys_days date, std::string_view style);

/// "2021-03-03"
std::string iso(std::chrono::sys_days date);

/// Whether a date is kept from training, whatever the seed and the style: a tenth of all, by a hash.
bool is_unseen(std::chrono::sys_days date);

/// Example number `number`, a pure function of all three. In training, dates and styles are drawn uniformly;
/// unseen, no date comes twice before all have come, and only the styles follow from the seed.
TextPair example(ctgrad::Seed seed, Split split, std::uint64_t number);

/// What a person typed, in the characters of the model: letters made small, spaces around it taken away.
std::string normalized(std::string_view typed);

}  // namespace dates
