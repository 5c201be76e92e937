"""Writes tokenizer_values.json: small vocabularies, and what the Python package `tokenizers` makes of texts with them.

usage: tokenizer_values.py    (pip install tokenizers==0.23.3; the texts are those of bench/tokenizers/lines.py)
"""

import json
import sys
from importlib import metadata
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "bench" / "tokenizers"))
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from lines import Generator
from main import decoded, reference_tokens

WORDS = ("the of and to in is was for on that with as it by from at his he an are this which be or had not were but have their "
         "has been one all they more who will its would there if when out so said what up about into than them can only other "
         "naïve café über être señor été привет мир это как что не на я νερό και το سلام كتاب שלום नमस्ते สวัสดี 日本 中国 한국어").split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def word_piece(lines, lower_case, raw):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=not raw, handle_chinese_chars=not raw,
                                                      strip_accents=False if raw else None, lowercase=lower_case)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=450, special_tokens=SPECIAL,
                                                                   show_progress=False, limit_alphabet=200))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def byte_level_bpe(lines, blank_before):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=blank_before)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=450, special_tokens=["<|endoftext|>"],
                                                             show_progress=False,
                                                             initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def tokens_of(tokenizer, lines):
    """Of each line its tokens: id, begin and end in bytes, one behind the other."""
    return [[number for token in zip(*reference_tokens(tokenizer, *decoded(line))) for number in token] for line in lines]


def pairs_of(tokenizer, lines):
    """Pairs of lines with the most tokens that they may have, and their ids and types."""
    pairs = []
    for i in range(0, len(lines) - 1, 2):
        first, second = decoded(lines[i])[0][:60], decoded(lines[i + 1])[0][:60]
        most = 3 + (7 * (i // 2)) % 25  # odd and even ones
        tokenizer.enable_truncation(most)
        encoding = tokenizer.encode(first, second)
        pairs.append([first.encode().hex(), second.encode().hex(), most, encoding.ids, encoding.type_ids])
    tokenizer.no_truncation()
    return pairs


def main():
    generator = Generator(3, WORDS)
    all_lines = [(script, line) for script, line in generator.lines(2000)]
    texts = [line.decode(errors="replace") for _, line in all_lines]
    lines = [line[:90] for script, line in all_lines[:90] if script != "long runs"]  # cut: some end within a character
    values = {"lines": [line.hex() for line in lines],
              "source": "bench/tokenizers/lines.py, seed 3", "tokenizers": metadata.version("tokenizers")}
    for name, lower_case, raw in (("word_piece", True, False), ("word_piece_cased", False, False),
                                  ("word_piece_raw", True, True)):
        tokenizer = word_piece(texts, lower_case, raw)
        vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        values[name] = {"vocabulary": [token for token, _ in vocabulary], "tokens": tokens_of(tokenizer, lines),
                        "pairs": pairs_of(tokenizer, lines)}
    for name, blank_before in (("byte_level_bpe", False), ("byte_level_bpe_blank_before", True)):
        tokenizer = byte_level_bpe(texts, blank_before)
        model = json.loads(tokenizer.to_str())["model"]
        values[name] = {"vocabulary": model["vocab"], "merges": [" ".join(pair) for pair in model["merges"]],
                        "tokens": tokens_of(tokenizer, lines),
                        "texts": [tokenizer.decode(tokenizer.encode(decoded(line)[0]).ids) for line in lines]}
    with open(here / "tokenizer_values.json", "w") as out:
        json.dump(values, out, ensure_ascii=False, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    main()
