"""Seeded lines of text, by script: what tokenizers are compared on."""

import random

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def span(*ranges):
    return [chr(c) for first, last in ranges for c in range(first, last + 1)]


LETTERS = {
    "latin": span((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "greek": span((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "cyrillic": span((0x400, 0x52F), (0x1C80, 0x1C88), (0xA640, 0xA69F)),
    "arabic": span((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    "hebrew": span((0x591, 0x5F4), (0xFB1D, 0xFB4F)),
    "devanagari": span((0x900, 0x97F), (0xA8E0, 0xA8FF), (0x980, 0x9FF), (0xB80, 0xBFF), (0xD00, 0xD7F)),
    "thai": span((0xE01, 0xE5B), (0xE80, 0xEDF), (0x1780, 0x17F9), (0xF00, 0xFDA)),
    "han and kana": span((0x4E00, 0x9FFF), (0x3400, 0x34FF), (0x20000, 0x200FF), (0x2B740, 0x2B9FF), (0xF900, 0xFAFF),
                         (0x2F800, 0x2FA1F), (0x3000, 0x30FF), (0xFF00, 0xFFEF)),
    "hangul": span((0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97C), (0xD7B0, 0xD7FB)),
    "other scripts": span((0x530, 0x58F), (0x10A0, 0x10FF), (0x1200, 0x137C), (0x13A0, 0x13FD), (0x1800, 0x18AA),
                          (0x2C00, 0x2DFF), (0x10400, 0x104FB), (0x10C80, 0x10CFF), (0x11000, 0x11FFF),
                          (0x16E40, 0x16E9A), (0x1E900, 0x1E95F)),
    "symbols": span((0x2000, 0x2BFF), (0x1D100, 0x1D1FF), (0x1D400, 0x1D7FF), (0x2E00, 0x2E7F), (0xA700, 0xA7FF)),
}
MARKS = span((0x300, 0x36F), (0x483, 0x489), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0xF71, 0xF87),
             (0x1AB0, 0x1ADF), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0x302A, 0x302F), (0x3099, 0x309A),
             (0x1D165, 0x1D172), (0x1D17B, 0x1D182), (0x16FF0, 0x16FF1), (0x1E000, 0x1E02A), (0x10D69, 0x10D6D),
             (0x94D, 0x94D), (0xDCF, 0xDCF), (0x344, 0x344), (0x93C, 0x93C), (0x302E, 0x302F))
CONTROLS = span((0, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x70F, 0x70F), (0x8E2, 0x8E2),
                (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0xFEFF, 0xFEFF),
                (0xFFF0, 0xFFFF), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3),
                (0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F), (0xE000, 0xE010), (0xF0000, 0xF0010),
                (0x10FFF0, 0x10FFFF), (0x1680, 0x1680), (0x3000, 0x3000), (0xE0100, 0xE0110))
EMOJI = span((0x1F300, 0x1FAFF), (0x2600, 0x27BF), (0x1F1E6, 0x1F1FF), (0x1F3FB, 0x1F3FF))
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + list("«»“”‘’…–—¡¿·、。「」।؟،")
SPECIAL_CASES = ["İstanbul", "ẞ", "Straße", "ﬁﬂ", "ΣΑΣ", "ǅǈǋǲ", "K Å", "ſ", "𝐀𝐁", "Ⅷ", "ⓐ", "ª", "µ", "ͅ", "ﾊﾟ"]


def every_code_point():
    """Lines in which each code point stands once between letters, and once by itself before accents."""
    for i in range(0, len(CODE_POINTS), 64):
        characters = [chr(c) for c in CODE_POINTS[i:i + 64]]
        yield "every code point", " ".join(f"a{c}b {c}\u0323\u0301" for c in characters).encode()


class Generator:
    """Lines of each script. `words` are those of the vocabularies, of which most text of a script should be made."""

    def __init__(self, seed, words):
        self.random = random.Random(seed)
        self.words = {}
        for script, letters in LETTERS.items():
            wanted = set(letters[52 if script == "latin" else 0:])  # of Latin those that English does not have
            self.words[script] = [word for word in words if not wanted.isdisjoint(word)]
        self.english = [word for word in words if word.isascii() and word.isalpha()]

    def scripts(self):
        return {**{script: (lambda script=script: self.prose(script)) for script in LETTERS},
                "english": lambda: self.join([self.english_word() for _ in range(self.count(40))]),
                "emoji": self.emoji, "marks": self.marks, "controls": self.controls, "code": self.code,
                "special cases": self.special_cases, "special tokens": self.special_tokens,
                "long runs": self.long_runs, "any code points": self.any_code_points, "mixed": self.mixed,
                "hostile bytes": self.hostile}

    def count(self, most):
        return self.random.randint(0, most) if self.random.random() < 0.1 else self.random.randint(1, most)

    def some(self, letters, most):
        return "".join(self.random.choices(letters, k=self.count(most)))

    def join(self, parts):
        """Parts with blanks, punctuation or nothing between them."""
        line = ""
        for part in parts:
            line += part
            chance = self.random.random()
            if chance < 0.8:
                line += " "
            elif chance < 0.9:
                line += self.random.choice(PUNCTUATION) + self.random.choice(["", " ", "  "])
            elif chance < 0.92:
                line += self.random.choice(["\n", "\t", "\r\n", "   ", "\u00a0", "\u2003", " \n "])
        return line

    def english_word(self):
        word = self.random.choice(self.english)
        chance = self.random.random()
        if chance < 0.1:
            return word.capitalize()
        if chance < 0.13:
            return word.upper()
        if chance < 0.17:
            return word + self.random.choice(["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "’s", "'x", "'"])
        if chance < 0.2:
            return str(self.random.randint(0, 10 ** self.random.randint(1, 12)))
        return word + (self.random.choice(self.english) if chance < 0.25 else "")

    def word(self, script):
        known = self.words[script]
        chance = self.random.random()
        if known and chance < 0.6:
            return self.random.choice(known)
        if chance < 0.7:
            return self.english_word()
        return self.some(LETTERS[script], 8)

    def prose(self, script):
        return self.join([self.word(script) for _ in range(self.count(20))])

    def emoji(self):
        parts = []
        for _ in range(self.count(12)):
            part = self.random.choice(EMOJI)
            while self.random.random() < 0.4:
                part += self.random.choice(["\u200d", "\ufe0f", "\u20e3", ""]) + self.random.choice(EMOJI)
            parts.append(part if self.random.random() < 0.7 else self.english_word())
        return self.join(parts)

    def marks(self):
        base = self.some(LETTERS["latin"][:52] + ["é", "ệ", "Ǖ", "ǭ", "के", "ཱི", "가", "か", "\u200d", "\x01"], 3)
        parts = [base + self.some(MARKS, self.random.choice([1, 2, 3, 6, 40])) for _ in range(self.count(8))]
        return self.join(parts)

    def controls(self):
        return "".join(self.random.choice([self.english_word(), self.some(CONTROLS, 3), " ", "\ufffd", "\x00"])
                       for _ in range(self.count(20)))

    def code(self):
        pieces = ["if (x[i] >= 0x%04X) {", "return a->b(c, d);", "// %d", "\t\tfor i in range(%d):", "x_%d = 'it''s'",
                  "{\"key\": [%d, null]}", "https://example.org/%d?q=a%%20b", "#define F%d(x) ((x)*2)", "€%d.50", "%d²"]
        return "".join((piece % self.random.randint(0, 10 ** 6) if "%d" in piece or "%04X" in piece else piece)
                       + self.random.choice(["", "\n", "  ", " "])
                       for piece in self.random.choices(pieces, k=self.count(5)))

    def special_cases(self):
        return self.join([self.random.choice(SPECIAL_CASES) + self.some(MARKS + [""] * 200, 1)
                          for _ in range(self.count(10))])

    def special_tokens(self):
        tokens = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[mask]", "[MASK", "<|endoftext|>", "<|endoftext|",
                  "##ing", "[[MASK]]", "<<|endoftext|>>"]
        return "".join(self.random.choice([self.random.choice(tokens), self.english_word(), " ", "é", "\u0301"])
                       for _ in range(self.count(15)))

    def long_runs(self):
        piece = self.random.choice(["a", "ab", " ", "\n", "é", "!", "界", "1", "\u0301", "'", self.english_word(), "क्"])
        return (self.some(LETTERS["latin"], 3) + piece * self.random.choice([20, 47, 48, 49, 99, 100, 101, 255, 256, 257, 600])
                + self.some(LETTERS["latin"], 3))

    def any_code_points(self):
        return "".join(chr(self.random.choice(CODE_POINTS)) if self.random.random() < 0.5
                       else chr(self.random.choice(CODE_POINTS[:0x3000])) for _ in range(self.count(30)))

    def mixed(self):
        return self.join([self.word(self.random.choice(list(LETTERS))) for _ in range(self.count(15))])

    def hostile(self):
        """Bytes: text that is cut, changed, or no text at all."""
        line = bytearray(self.random.choice([self.mixed, self.emoji, self.marks])().encode())
        for _ in range(self.count(6)):
            if line:
                line[self.random.randrange(len(line))] = self.random.choice(
                    [0x80, 0xBF, 0xC0, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xF5, 0xFF, 0xA0, self.random.randrange(256)])
            at = self.random.randint(0, len(line))
            line[at:at] = self.random.choice([b"", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xe2\x82", b"\xc0\x80", b"\xff\xfe",
                                              b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
                                              self.random.randbytes(self.random.randint(0, 6))])
        return bytes(line)

    def lines(self, count):
        """`count` pairs of a script's name and a line in bytes, the scripts in turns."""
        makers = list(self.scripts().items())
        for i in range(count):
            script, make = makers[i % len(makers)]
            line = make()
            yield script, line if isinstance(line, bytes) else line.encode()
