"""A byte-level BPE made for copying and for small changes at the beginning of words.

It is an ordinary GPT-2 tokenizer to whoever runs it: the same splitting into words, the same byte alphabet, merges in
order of rank. What differs is which merges were learned. A word's first letter (with the space before it) stays a
token of its own, so that `a` or `an` can be told from the next token, and so that a capital changes one token and
leaves the rest of the word as it is. Only the commonest words are joined to one token, by the last merges, which apply
where the whole word is spelled.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import regex

VOCABULARY_SIZE = 1536
WHOLE_WORDS = 224
END, FIX = "<|endoftext|>", "<|fix|>"
_WORDS = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Merge = tuple[str, str]


def _byte_alphabet() -> list[str]:
    """GPT-2's printable character for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = (code for code in range(256, 512))
    return [chr(byte) if byte in printable else chr(next(hidden)) for byte in range(256)]


BYTES = _byte_alphabet()
SPACE = BYTES[32]


def spell(word: str) -> list[str]:
    """A word as characters of the byte alphabet."""
    return [BYTES[byte] for byte in word.encode("utf-8")]


def _join(symbols: list[str], merge: Merge) -> list[str]:
    joined, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == merge:
            joined.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            joined.append(symbols[i])
            i += 1
    return joined


def learn(texts: Iterable[str]) -> list[Merge]:
    """The merges: space and first letter, then pieces of words' rests, then the commonest words whole."""
    counts = Counter(word for text in texts for word in _WORDS.findall(text))
    merges = [(SPACE, letter) for letter in _LETTERS + _LETTERS.upper()] + [(SPACE, "'")]
    merges += [("'", "t"), ("'", "s"), ("'", "m"), ("'", "r"), ("'r", "e"), ("'", "l"), ("'l", "l")]
    rests: Counter[tuple[str, ...]] = Counter()
    for word, count in counts.items():
        letters = word.lstrip()
        rest = letters[1:] if word[0] == " " or letters[:1].isupper() else letters
        if rest.isascii() and rest.isalpha() and rest.islower():
            rests[tuple(rest)] += count
    pieces = VOCABULARY_SIZE - 2 - len(BYTES) - len(merges) - WHOLE_WORDS
    merges += _learn_pieces(rests, pieces)
    return merges + _whole_words(counts, merges)


def _learn_pieces(words: Counter[tuple[str, ...]], count: int) -> list[Merge]:
    """`count` merges of the most frequent neighbours, by the usual rule."""
    spelled = [(list(word), frequency) for word, frequency in words.items()]
    pairs: Counter[Merge] = Counter()
    where: dict[Merge, set[int]] = {}
    for i, (symbols, frequency) in enumerate(spelled):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += frequency
            where.setdefault(pair, set()).add(i)
    merges: list[Merge] = []
    made: set[str] = set()
    while len(merges) < count:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        if "".join(best) not in made:  # two ways to one token would leave one of them unused
            made.add("".join(best))
            merges.append(best)
        for i in where.pop(best):
            symbols, frequency = spelled[i]
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] -= frequency
            symbols = _join(symbols, best)
            spelled[i] = (symbols, frequency)
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += frequency
                where.setdefault(pair, set()).add(i)
        del pairs[best]
    return merges


def _whole_words(counts: Counter[str], merges: list[Merge]) -> list[Merge]:
    """Last merges for the commonest words whose rest is already one token."""
    tokenizer = Tokenizer(merges)
    chosen: list[Merge] = []
    for word, _ in counts.most_common():
        pieces = tokenizer.pieces(word)
        if word[0] == " " and word[1:].islower() and len(pieces) == 2:
            chosen.append((pieces[0], pieces[1]))
        if len(chosen) == WHOLE_WORDS:
            break
    return chosen


class Tokenizer:
    """Encodes and decodes with a list of merges."""

    def __init__(self, merges: list[Merge]) -> None:
        self.merges = merges
        self.tokens = BYTES + [left + right for left, right in merges]
        self.tokens += [END, FIX]
        self.end, self.fix = len(self.tokens) - 2, len(self.tokens) - 1
        self._rank = {merge: rank for rank, merge in enumerate(merges)}
        self._id = {token: i for i, token in enumerate(self.tokens)}
        self._byte = {character: byte for byte, character in enumerate(BYTES)}
        self.encode_word = lru_cache(maxsize=1 << 18)(lambda word: [self._id[piece] for piece in self.pieces(word)])

    def pieces(self, word: str) -> list[str]:
        """The tokens of one word, best-ranked merge first."""
        return self._merge(word, lambda merge: True)

    def varied(self, word: str, rng: random.Random, dropout: float) -> list[int]:
        """The word in other pieces than usual: each merge is passed over with probability `dropout` wherever it could
        be made (BPE-dropout, Provilkov et al. 2020), but those of a space and a first letter."""
        pieces = self._merge(word, lambda merge: merge[0] == SPACE or rng.random() >= dropout)
        return [self._id[piece] for piece in pieces]

    def _merge(self, word: str, allowed: Callable[[Merge], bool]) -> list[str]:
        symbols = spell(word)
        while True:
            possible = [pair for pair in zip(symbols, symbols[1:]) if pair in self._rank and allowed(pair)]
            if not possible:
                return symbols
            symbols = _join(symbols, min(possible, key=self._rank.__getitem__))

    def words(self, text: str) -> list[str]:
        return _WORDS.findall(text)

    def encode(self, text: str) -> list[int]:
        return [token for word in self.words(text) for token in self.encode_word(word)]

    def decode(self, ids: Iterable[int]) -> str:
        spelled = "".join(self.tokens[i] for i in ids if i < self.end)
        return bytes(self._byte[character] for character in spelled).decode("utf-8", errors="replace")

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.merges, ensure_ascii=False))

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        return cls([(left, right) for left, right in json.loads(path.read_text())])
