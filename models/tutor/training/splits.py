"""The training set and the two held-out sets, from one seed, sharing no sentence.

- `new-words`: frames that are trained on, with at least one word that training never shows in any form;
- `new-frames`: trained words in frames that training never shows;
- training: everything else, with invented words mixed in so that the model learns to copy what it does not know.

`python -m training.splits` writes `data/train.tsv` (wrong, right) and `heldout.jsonl`.
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import Example, join, make_example
from .frames import COMPOSED, EXTRA_FRAMES, FRAMES, NEW_FRAMES
from .lexicon.lookup import Lexicon

HERE = Path(__file__).parent
TRAIN_FILE = HERE / "data" / "train.tsv"
HELD_OUT_FILE = HERE.parent / "heldout.jsonl"
HELD_OUT_SIZE = 2000
TRAIN_SIZE = 1_000_000
JOINED_SHARE = 0.06
UNLISTED_SHARE = 0.5
BLENDED_SHARE = 0.55  # of the invented ones among them
EXTRA_SHARE, COMPOSED_SHARE = 0.12, 0.12  # of the training sentences: frames of `EXTRA_FRAMES`, and those of two clauses
SHOWN_RIGHT_SHARE = 0.12  # of the training texts with mistakes: asked without them, so that more is left alone
LONGEST_TEXT = 190  # characters; longer texts would not fit the context together with their correction

KNOWN_FRAMES = [frame for frames in FRAMES.values() for frame in frames if frame not in NEW_FRAMES]


def _examples(frames: Iterable[str], lexicon: Lexicon, rng: random.Random) -> Iterator[Example]:
    for frame in frames:
        lexicon.used_held_out = False
        example = make_example(frame, lexicon, rng)
        if example:
            yield example


def _forever(frames: list[str], rng: random.Random) -> Iterator[str]:
    while True:
        yield rng.choice(frames)


def _trained_frames(rng: random.Random) -> Iterator[str]:
    """Known frames, extra ones and those of two clauses, by their shares."""
    extra = [frame for family, frames in EXTRA_FRAMES.items() if family != COMPOSED for frame in frames]
    groups = (KNOWN_FRAMES, extra, EXTRA_FRAMES[COMPOSED])
    shares = (1 - EXTRA_SHARE - COMPOSED_SHARE, EXTRA_SHARE, COMPOSED_SHARE)
    while True:
        yield rng.choice(rng.choices(groups, shares)[0])


def held_out(seed: int = 1) -> dict[str, list[Example]]:
    """Both held-out sets: distinct sentences, none of them in both."""
    rng = random.Random(f"held-out {seed}")
    sets: dict[str, list[Example]] = {"new-words": [], "new-frames": []}
    seen: set[str] = set()
    for split, examples in sets.items():
        new_words = split == "new-words"
        lexicon = Lexicon(held_out_share=0.6 if new_words else 0.0)
        frames = KNOWN_FRAMES if new_words else sorted(NEW_FRAMES)
        for example in _examples(_forever(frames, rng), lexicon, rng):
            if len(examples) == HELD_OUT_SIZE:
                break
            if (new_words and not lexicon.used_held_out) or {example.wrong, example.right} & seen:
                continue
            seen |= {example.wrong, example.right}
            examples.append(example)
    return sets


def training(seed: int = 1, size: int = TRAIN_SIZE) -> list[Example]:
    """Distinct training examples, no sentence of which is in a held-out set or is right in one and wrong in another."""
    forbidden = {text for examples in held_out(seed).values() for e in examples for text in (e.wrong, e.right)}
    rng = random.Random(f"training {seed}")
    by_wrong: dict[str, Example] = {}
    lexicon = Lexicon(unlisted_share=UNLISTED_SHARE, blended_share=BLENDED_SHARE)
    stream = _examples(_trained_frames(rng), lexicon, rng)
    while len(by_wrong) < size:
        parts = [next(stream) for _ in range(rng.choice((2, 2, 3)) if rng.random() < JOINED_SHARE else 1)]
        if any({part.wrong, part.right} & forbidden for part in parts):
            continue
        example = join(parts)
        if rng.random() < SHOWN_RIGHT_SHARE:
            example = Example(example.right, example.right, "none")
        if len(example.wrong) <= LONGEST_TEXT and len(example.right) <= LONGEST_TEXT:
            by_wrong.setdefault(example.wrong, example)
    rights = {example.right for example in by_wrong.values()}
    return [e for e in by_wrong.values() if e.error_type == "none" or e.wrong not in rights]


def held_out_lines(sets: dict[str, list[Example]]) -> Iterator[str]:
    """The held-out sets as lines of JSON."""
    for split, examples in sets.items():
        for e in examples:
            record = {"wrong": e.wrong, "right": e.right, "errorType": e.error_type, "split": split}
            yield json.dumps(record, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=TRAIN_SIZE)
    options = parser.parse_args()
    with HELD_OUT_FILE.open("w", encoding="utf-8") as file:
        file.writelines(held_out_lines(held_out(options.seed)))
    TRAIN_FILE.parent.mkdir(exist_ok=True)
    with TRAIN_FILE.open("w", encoding="utf-8") as file:
        examples = training(options.seed, options.size)
        file.writelines(f"{e.wrong}\t{e.right}\n" for e in examples)
    print(f"{len(examples)} training pairs in {TRAIN_FILE}, held-out sets in {HELD_OUT_FILE}")


if __name__ == "__main__":
    main()
