"""Examples as token ids, in batches of like length."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .bpe import Tokenizer

Pair = tuple[str, str]
_ROUND_TO = 8  # lengths are padded up to a multiple, which keeps the number of different shapes small
IGNORED = -100
_NEVER_VARIED = 3  # words of up to so many characters, the space before them among them
DROPOUT = 0.3  # of the merges in a word that is cut into unusual pieces


@dataclass(frozen=True)
class Encoded:
    """All examples end to end; example `i` is `tokens[starts[i]:starts[i + 1]]`, its answer begins at `answers[i]`."""

    tokens: np.ndarray
    starts: np.ndarray
    answers: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def save(self, path: Path) -> None:
        np.savez(path, tokens=self.tokens, starts=self.starts, answers=self.answers)

    @classmethod
    def load(cls, path: Path) -> "Encoded":
        return cls(**np.load(path))


def encode(pairs: Sequence[Pair], tokenizer: Tokenizer, context: int, varied_share: float = 0.0,
           seed: int = 1) -> Encoded:
    """`wrong<|fix|>right<|endoftext|>` for every pair that fits the context.

    Of the words that both sentences have, `varied_share` are cut into other pieces than usual, the same on both sides:
    so a piece is copied because it stands there and not because it is what commonly follows.
    """
    rng = random.Random(f"varied {seed}")
    tokens: list[int] = []
    starts, answers = [0], []
    for wrong, right in pairs:
        asked, answer = tokenizer.words(wrong), tokenizer.words(right)
        common = sorted({word for word in asked if len(word) > _NEVER_VARIED} & set(answer))
        varied = {word: tokenizer.varied(word, rng, DROPOUT) for word in common if rng.random() < varied_share}
        spelled = [[token for word in words for token in varied.get(word) or tokenizer.encode_word(word)]
                   for words in (asked, answer)]
        whole = [*spelled[0], tokenizer.fix, *spelled[1], tokenizer.end]
        if len(whole) <= context:
            answers.append(len(tokens) + len(spelled[0]) + 1)
            tokens += whole
            starts.append(len(tokens))
    return Encoded(np.array(tokens, dtype=np.uint16), np.array(starts), np.array(answers))


def batches(lengths: np.ndarray, budget: int, seed: int) -> list[np.ndarray]:
    """Indices in batches of at most `budget` padded tokens, in random order, each of like lengths."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths))
    order = order[np.argsort(-(-lengths[order] // _ROUND_TO), kind="stable")]
    groups, start = [], 0
    while start < len(order):
        size, end = 0, start
        while end < len(order):
            size = -(-int(lengths[order[end]]) // _ROUND_TO) * _ROUND_TO
            if size * (end - start + 1) > budget:
                break
            end += 1
        groups.append(order[start:end])
        start = end
    return [groups[i] for i in rng.permutation(len(groups))]


def tensors(data: Encoded, indices: np.ndarray, end: int) -> tuple[Tensor, Tensor]:
    """Inputs and targets of a batch; everything before the answer and the padding is `IGNORED` in the targets."""
    longest = int(data.lengths[indices].max()) - 1
    length = -(-longest // _ROUND_TO) * _ROUND_TO
    inputs = np.full((len(indices), length), end, dtype=np.int64)
    targets = np.full((len(indices), length), IGNORED, dtype=np.int64)
    for row, i in enumerate(indices):
        start, stop, answer = data.starts[i], data.starts[i + 1], data.answers[i]
        inputs[row, :stop - start - 1] = data.tokens[start:stop - 1]
        targets[row, answer - start - 1:stop - start - 1] = data.tokens[answer:stop]
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def forever(data: Encoded, budget: int, seed: int) -> Iterator[np.ndarray]:
    """Batches of one epoch after another, each in its own order."""
    epoch = 0
    while True:
        yield from batches(data.lengths, budget, seed + epoch)
        epoch += 1
