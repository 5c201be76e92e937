#include "written.hpp"

#include <algorithm>

std::vector<std::string> letters(std::string_view text) {
  std::vector<std::string> single;
  for (const char letter : text) single.emplace_back(1, letter);
  return single;
}

Written written_of(const Alphabet& alphabet, std::string_view prediction, std::size_t length) {
  prediction = prediction.substr(0, length);
  Written made{std::vector<std::int32_t>(length, Alphabet::end), letters(prediction), letters(prediction)};
  std::vector<std::int32_t> ids = alphabet.encode_decoded(prediction);
  ids.insert(ids.begin(), Alphabet::start);
  ids.resize(std::min(ids.size(), length));
  std::ranges::copy(ids, made.inputs.begin());
  if (prediction.size() < length) made.written.emplace_back("end");
  made.before.emplace(made.before.begin(), "start");
  made.before.resize(made.written.size());
  return made;
}
