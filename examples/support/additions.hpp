#pragma once

#include "text_pair.hpp"

#include <ctgrad/runtime/random.hpp>

#include <cstdint>
#include <string_view>

/// Additions of two numbers from 0 to 99, as people write them: "47+85" and its answer "132".
namespace additions {

inline constexpr std::int32_t most = 99;  ///< the largest number that is added

inline constexpr std::string_view source_characters = "+0123456789";
inline constexpr std::string_view target_characters = "0123456789";

/// The most characters of an addition and of an answer.
inline constexpr std::size_t longest_source = 5, longest_target = 3;

/// "47+85" and "132".
TextPair addition(std::int32_t left, std::int32_t right);

/// What a person typed, as the model reads it: "47+85" for " 47 + 085". Throws std::invalid_argument unless
/// it is two numbers from 0 to 99 and a + between them.
std::string normalized(std::string_view typed);

/// Whether a pair of numbers is kept from training, in either order: a fifth of all, by a hash.
bool is_unseen(std::int32_t left, std::int32_t right);

/// How many additions are kept from training, both orders counted.
std::size_t unseen_count();

/// Example number `number`, a pure function of all three. In training, additions are drawn uniformly; the
/// unseen ones come in turn, none twice before all have come, whatever the seed.
TextPair example(ctgrad::Seed seed, Split split, std::uint64_t number);

}  // namespace additions
