#pragma once

#include <support/reference/reference.hpp>

#include <ctgrad/ops/keep_mask.hpp>

/// Random bits, one word after the other from the generator itself.
namespace ctgrad::test {

using Words = std::array<std::uint32_t, 4>;

/// The key at a leading position of keys [K..., 4].
inline Words key_words(const Numbers& keys, Position lead) {
  Words words{};
  lead.push_back(0);
  for (std::uint32_t& word : words) {
    word = static_cast<std::uint32_t>(static_cast<std::int64_t>(at(keys, lead)));
    ++lead.back();
  }
  return words;
}

/// The word that decides about a position [samples, ..., width], [samples] or [] of a key's mask of a shape.
inline std::uint32_t keep_word(const Words& key, const Position& p, const Position& shape) {
  const auto sample = static_cast<std::uint32_t>(p.empty() ? 0 : p.front());
  const auto column = static_cast<std::uint32_t>(p.size() < 2 ? 0 : p.back());
  std::size_t row = 0;
  for (std::size_t axis = 1; axis + 1 < p.size(); ++axis) row = row * shape[axis] + p[axis];
  return philox4x32({column / 4, static_cast<std::uint32_t>(row), key[3] + sample, key[2]},
                    {key[0], key[1]})[column % 4];
}

template <>
inline Numbers reference<ops::FoldKey>(const Call& x) {
  Numbers result(x.shape());
  for_each_position({x[1].shape().begin(), x[1].shape().end()}, [&](const Position& lead) {
    const Words key = key_words(x[0], lead);
    const auto number = static_cast<std::uint32_t>(static_cast<std::int64_t>(at(x[1], lead)));
    Words words = philox4x32({key[2], number, 0x666F6C64, 0x666F6C64}, {key[0], key[1]});
    words[3] = key[3];
    Position p = lead;
    for (p.push_back(0); p.back() < 4; ++p.back()) at(result, p) = static_cast<std::int32_t>(words[p.back()]);
  });
  return result;
}

template <>
inline Numbers reference<ops::KeepMask>(const Call& x) {
  Numbers result(x.shape());
  const auto keys = static_cast<std::ptrdiff_t>(x[0].dimension()) - 1;
  const Position whole = x.shape();
  const Position shape(whole.begin() + keys, whole.end());
  for_each_position(x.shape(), [&](const Position& p) {
    const Words key = key_words(x[0], Position(p.begin(), p.begin() + keys));
    const std::uint32_t word = keep_word(key, Position(p.begin() + keys, p.end()), shape);
    at(result, p) = word >= x.attributes().value * 0x1p32 ? 1 : 0;
  });
  return result;
}

}  // namespace ctgrad::test
