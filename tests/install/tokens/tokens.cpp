// A program of ctgrad::text.
#include <ctgrad/text.hpp>

int main() {
  const ctgrad::text::WordPiece tokenizer(
      ctgrad::text::parse_vocabulary_lines("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncafe\n##s\n"));
  return tokenizer.encode("Cafés").ids == std::vector<std::int32_t>{2, 5, 6, 3} ? 0 : 1;
}
