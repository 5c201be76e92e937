#pragma once

#include <ctgrad/text/utf8.hpp>
#include <ctgrad/text/vocabulary.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ctgrad::text {

/// Tokens such as "[MASK]" that a text may name: they are found before anything else is done with it.
class SpecialTokens {
 public:
  struct Found {
    ByteRange bytes;
    std::int32_t id = Vocabulary::none;  ///< none where there is no further one; `bytes` are then at the end
  };

  SpecialTokens() = default;

  /// `find(text)` gives the id of a token, if there is one. Throws std::invalid_argument that names the text
  /// that is none.
  template <class Find>
  SpecialTokens(const Find& find, std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (const std::string& text : texts_) {
      const std::optional<std::int32_t> id = find(text);
      if (text.empty() || !id) {
        throw std::invalid_argument("special tokens: expected tokens of the vocabulary, got " +
                                    io::in_quotes(text));
      }
      ids_.push_back(*id);
      begins_[static_cast<unsigned char>(text[0])] = true;
    }
  }

  bool contains(std::int32_t id) const { return std::ranges::find(ids_, id) != ids_.end(); }

  /// The first special token in a text from a byte on, the longest where several begin there.
  Found next(std::string_view text, std::size_t from) const {
    for (std::size_t at = from; !ids_.empty() && at < text.size(); ++at) {
      if (!begins_[static_cast<unsigned char>(text[at])]) continue;
      Found found{{at, at}, Vocabulary::none};
      for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (at + texts_[i].size() > found.bytes.end && text.substr(at).starts_with(texts_[i])) {
          found = {{at, at + texts_[i].size()}, ids_[i]};
        }
      }
      if (found.id != Vocabulary::none) return found;
    }
    return {{text.size(), text.size()}, Vocabulary::none};
  }

 private:
  std::vector<std::string> texts_;
  std::vector<std::int32_t> ids_;
  std::array<bool, 256> begins_{};  ///< with which bytes one begins
};

}  // namespace ctgrad::text
