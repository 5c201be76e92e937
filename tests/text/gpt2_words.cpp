#include <ctgrad/text/gpt2_words.hpp>

#include <support/catch.hpp>

#include <random>
#include <string>
#include <vector>

using namespace ctgrad::text;

namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  const Gpt2Words words(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = words.end_of_word(at);
    found.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

/// The regular expression, alternative by alternative, with steps back where one asks for them: the meaning
/// of Gpt2Words in few words, over characters.
class Definition {
 public:
  explicit Definition(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).size) {
      codes_.push_back(code_point_at(text, at).code);
      begins_.push_back(at);
    }
    begins_.push_back(text.size());
  }

  std::vector<std::size_t> ends() const {
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < codes_.size(); at = found.back()) found.push_back(end_of_match(at));
    for (std::size_t& end : found) end = begins_[end];
    return found;
  }

 private:
  bool is(std::size_t at, CharacterKind kind) const {
    return at < codes_.size() && character_kind(codes_[at]) == kind;
  }

  std::size_t run(std::size_t at, CharacterKind kind) const {
    while (is(at, kind)) ++at;
    return at;
  }

  std::size_t end_of_match(std::size_t at) const {
    for (const std::u32string_view part : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
      if (std::u32string_view(codes_).substr(at).starts_with(part)) return at + part.size();
    }
    for (const CharacterKind kind : {CharacterKind::letter, CharacterKind::number, CharacterKind::other}) {
      for (const std::size_t from : {at + (codes_[at] == ' ' ? 1 : 0), at}) {
        if (run(from, kind) > from) return run(from, kind);
      }
    }
    for (std::size_t end = run(at, CharacterKind::space); end > at; --end) {
      if (end == codes_.size() || is(end, CharacterKind::space)) return end;
    }
    return run(at, CharacterKind::space);
  }

  std::u32string codes_;
  std::vector<std::size_t> begins_;
};

}  // namespace

TEST_CASE("words are those of GPT-2's published examples", "[gpt2_words]") {
  CHECK(words("Hello world") == std::vector<std::string>{"Hello", " world"});
  CHECK(words("it's 3.5  o'clock!\n\n x") ==
        std::vector<std::string>{"it", "'s", " 3", ".", "5", " ", " o", "'", "clock", "!", "\n\n", " x"});
  CHECK(words("we'll've 'd") == std::vector<std::string>{"we", "'ll", "'ve", " '", "d"});
  CHECK(words("naïve—日本語２３\u00A0x  ") ==
        std::vector<std::string>{"naïve", "—", "日本語", "２３", "\u00A0", "x", "  "});
  CHECK(words("").empty());
}

TEST_CASE("words are what the regular expression finds", "[gpt2_words]") {
  const std::vector<std::string> pieces{"a",  "é",  "日",         "\u0301", "1",      "½",     " ",
                                        "  ", "\n", "\t",         "\u00A0", "'",      "s",     "re",
                                        "ll", "!",  "\U0001F642", "\u200D", "\u3000", "\u1C89"};
  std::mt19937_64 random(ctgrad::test::seed());
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t count = random() % 12; count > 0; --count) text += pieces[random() % pieces.size()];
    std::vector<std::size_t> ends;
    for (std::size_t at = 0; at < text.size(); at = ends.back())
      ends.push_back(Gpt2Words(text).end_of_word(at));
    INFO(text);
    REQUIRE(ends == Definition(text).ends());
  }
}
