#pragma once

/// Texts to tokens and back: WordPiece as BERT has it, byte-level BPE as GPT-2 has it. For programs that link
/// ctgrad::text. Brings nothing else of the library along.
#include <ctgrad/text/bert_words.hpp>
#include <ctgrad/text/byte_alphabet.hpp>
#include <ctgrad/text/byte_level_bpe.hpp>
#include <ctgrad/text/encoding.hpp>
#include <ctgrad/text/gpt2_words.hpp>
#include <ctgrad/text/merges.hpp>
#include <ctgrad/text/special_tokens.hpp>
#include <ctgrad/text/unicode.hpp>
#include <ctgrad/text/unicode_differences.hpp>
#include <ctgrad/text/utf8.hpp>
#include <ctgrad/text/vocabulary.hpp>
#include <ctgrad/text/vocabulary_files.hpp>
#include <ctgrad/text/vocabulary_json.hpp>
#include <ctgrad/text/word_piece.hpp>
