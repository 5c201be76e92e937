"""Prints text/unicode_differences.hpp: where the Python package `tokenizers` knows another Unicode than utf8proc.

Asks `tokenizers` for every code point, and compares with the utf8proc that is installed, the oldest that is to be used, and
with the newest Unicode, of the package `unicodedata2`: what holds for both holds for those between them.

usage: differences.py | clang-format-16 >text/unicode_differences.hpp    (pip install tokenizers==0.23.3 unicodedata2==18.0.0)
"""

import ctypes
import unicodedata2 as newest

from tokenizers import Regex, normalizers, pre_tokenizers

POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
CHUNKS = [POINTS[i:i + 4096] for i in range(0, len(POINTS), 4096)]
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
ASCII_PUNCTUATION = {c for c in range(128) if chr(c) in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}

utf8proc = ctypes.CDLL("libutf8proc.so.2")

HEAD = """#pragma once

#include <array>

/// Where the Python package `tokenizers` 0.23.3 knows another Unicode than utf8proc, of Unicode 15 to 18. It takes its
/// categories of characters from Unicode 8, decompositions from Unicode 9, and \\p{L} and \\p{N} from Unicode 16. Written by
/// bench/tokenizers/differences.py.
namespace ctgrad::text {

struct CodePointRange {
  char32_t first, last;
};
"""


def per_character(normalize, before="", after=""):
    """What becomes of each code point, between `before` and `after`, by itself."""
    result = {}
    for chunk in CHUNKS:
        chunk = [c for c in chunk if chr(c) != "|"]
        lines = normalize("|".join(before + chr(c) + after for c in chunk)).split("|")
        result.update(zip(chunk, lines, strict=True))
    return result


def matching(expression):
    """The code points that a regular expression of one character matches."""
    split = pre_tokenizers.Split(Regex(expression), "isolated")
    found = set()
    for chunk in CHUNKS:
        parts = split.pre_tokenize_str("".join("\x01" + chr(c) for c in chunk))
        found |= {ord(part) for part, _ in parts if len(part) == 1}
    return found - {1}


def punctuation():
    found = set()
    for chunk in CHUNKS:
        words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str("\n".join(f"a{chr(c)}a" for c in chunk))
        found |= {ord(word) for word, _ in words if len(word) == 1 and word != "a"}
    return found


def ranges(points, never):
    """The ranges of all these points; the fewest that have none of `never`, where others matter as little as they do."""
    found = []
    for c in sorted(points):
        between = range(found[-1][1] + 1, c) if found else None
        if found and (not between or (never is not None and not any(other in never for other in between))):
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def table(name, comment, points, never=None):
    found = ranges(points, never)
    print(f"/// {comment}")
    print(f"inline constexpr std::array<CodePointRange, {len(found)}> {name}{{{{")
    print(", ".join(f"{{0x{first:X}, 0x{last:X}}}" for first, last in found) + "}};\n")


class Reference:
    """What `tokenizers` answers of every code point."""

    def __init__(self):
        clean = normalizers.BertNormalizer(strip_accents=False, lowercase=False, handle_chinese_chars=False)
        strip = normalizers.BertNormalizer(clean_text=False, strip_accents=True, lowercase=False, handle_chinese_chars=False)
        decompose = normalizers.NFD().normalize_str
        overlays = {0x334, 0x335, 0x336, 0x337, 0x338}  # of the lowest combining class: others go behind one
        self.formats = {c for c, text in per_character(clean.normalize_str).items() if not text and c != 0xFFFD}
        self.marks = {c for c, text in per_character(strip.normalize_str).items() if not text}
        self.decomposed = per_character(decompose)
        behind = per_character(decompose, "a", "\u0334")
        self.combining = {c for c, text in behind.items() if text.startswith("a\u0334")} | overlays
        self.punctuation = punctuation() | ASCII_PUNCTUATION
        self.letters, self.numbers = matching(r"\p{L}"), matching(r"\p{N}")


class Categories:
    """The categories of every code point in the oldest and in the newest Unicode."""

    def __init__(self):
        self.of = {c: (CATEGORIES[utf8proc.utf8proc_category(c)], newest.category(chr(c))) for c in POINTS}

    def in_either(self, *wanted):
        return {c for c, both in self.of.items() if any(category.startswith(wanted) for category in both)}

    def in_both(self, *wanted):
        return {c for c, both in self.of.items() if all(category.startswith(wanted) for category in both)}


def later_in_category(reference, categories):
    """Marks, punctuation and format characters that are none to the reference."""
    later = categories.in_either("Mn") - reference.marks | categories.in_either("P") - reference.punctuation
    return {c for c in later | categories.in_either("Cc", "Cf", "Co") - reference.formats if c > 0x7F}


def later_in_decomposition(reference, decomposed):
    """Characters that combine or come apart, and do not for the reference."""
    combining = {c for c in POINTS if c not in decomposed and newest.combining(chr(c)) > 1}
    return combining - reference.combining | {c for c in decomposed if reference.decomposed.get(c) == chr(c)}


def main():
    reference, categories = Reference(), Categories()
    decomposed = {c for c in POINTS if newest.normalize("NFD", chr(c)) != chr(c)}
    marks, points, letters, numbers = reference.marks, reference.punctuation, reference.letters, reference.numbers
    print(HEAD)
    table("later_than_categories", "No characters yet, with nonspacing marks, punctuation or format characters among them.",
          later_in_category(reference, categories), marks | points | reference.formats)
    table("later_than_decompositions", "No characters yet, with combining or decomposed ones among them.",
          later_in_decomposition(reference, decomposed),
          reference.combining | {c for c in decomposed if reference.decomposed.get(c) != chr(c)})
    table("changed_to_no_mark", "Nonspacing marks that Unicode took for others later.",
          marks - categories.in_both("Mn") - decomposed)
    table("changed_to_no_punctuation", "Punctuation that Unicode took for other characters later.",
          points - categories.in_both("P") - ASCII_PUNCTUATION)
    table("new_letters", "Letters that utf8proc need not know yet.", letters - categories.in_both("L"))
    table("later_letters", "No letters yet.", categories.in_either("L") - letters, letters)
    table("new_numbers", "Numbers that utf8proc need not know yet.", numbers - categories.in_both("N"))
    table("later_numbers", "No numbers yet.", categories.in_either("N") - numbers, numbers)
    print("}  // namespace ctgrad::text")


if __name__ == "__main__":
    main()
