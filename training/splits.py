"""The training set and the two held-out sets, from one seed, sharing no sentence.

- `new-words`: frames that are trained on, with at least one word that training never shows in any form;
- `new-frames`: trained words in frames that training never shows;
- training: everything else, with invented words mixed in so that the model learns to copy what it does not know.

`python -m training.splits` writes `data/train.tsv` (wrong, right) and `models/tutor-heldout.jsonl`.
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from .errors import Example, join, make_example
from .frames import FRAMES, NEW_FRAMES
from .lexicon.lookup import Lexicon

HERE = Path(__file__).parent
TRAIN_FILE = HERE / "data" / "train.tsv"
HELD_OUT_FILE = HERE.parent / "models" / "tutor-heldout.jsonl"
HELD_OUT_SIZE = 2000
TRAIN_SIZE = 900_000
JOINED_SHARE = 0.06
INVENTED_SHARE = 0.24
BLENDED_SHARE = 0.5  # of the invented words
LONGEST_TEXT = 190  # characters; longer texts would not fit the context together with their correction

KNOWN_FRAMES = [frame for frames in FRAMES.values() for frame in frames if frame not in NEW_FRAMES]


def _examples(frames: list[str], lexicon: Lexicon, rng: random.Random) -> Iterator[Example]:
    while True:
        lexicon.used_held_out = False
        example = make_example(rng.choice(frames), lexicon, rng)
        if example:
            yield example


def held_out(seed: int = 1) -> dict[str, list[Example]]:
    """Both held-out sets: distinct sentences, none of them in both."""
    rng = random.Random(f"held-out {seed}")
    sets: dict[str, list[Example]] = {"new-words": [], "new-frames": []}
    seen: set[str] = set()
    for split, examples in sets.items():
        new_words = split == "new-words"
        lexicon = Lexicon(held_out_share=0.6 if new_words else 0.0)
        frames = KNOWN_FRAMES if new_words else sorted(NEW_FRAMES)
        for example in _examples(frames, lexicon, rng):
            if len(examples) == HELD_OUT_SIZE:
                break
            if (new_words and not lexicon.used_held_out) or {example.wrong, example.right} & seen:
                continue
            seen |= {example.wrong, example.right}
            examples.append(example)
    return sets


def training(seed: int = 1, size: int = TRAIN_SIZE, blended_share: float = BLENDED_SHARE) -> list[Example]:
    """Distinct training examples, no sentence of which is in a held-out set or is right in one and wrong in another."""
    forbidden = {text for examples in held_out(seed).values() for e in examples for text in (e.wrong, e.right)}
    rng = random.Random(f"training {seed}")
    by_wrong: dict[str, Example] = {}
    stream = _examples(KNOWN_FRAMES, Lexicon(invented_share=INVENTED_SHARE, blended_share=blended_share), rng)
    while len(by_wrong) < size:
        parts = [next(stream) for _ in range(rng.choice((2, 2, 3)) if rng.random() < JOINED_SHARE else 1)]
        if any({part.wrong, part.right} & forbidden for part in parts):
            continue
        example = join(parts)
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
    parser.add_argument("--blended-share", type=float, default=BLENDED_SHARE, help="of the invented words")
    options = parser.parse_args()
    with HELD_OUT_FILE.open("w", encoding="utf-8") as file:
        file.writelines(held_out_lines(held_out(options.seed)))
    TRAIN_FILE.parent.mkdir(exist_ok=True)
    with TRAIN_FILE.open("w", encoding="utf-8") as file:
        examples = training(options.seed, options.size, options.blended_share)
        file.writelines(f"{e.wrong}\t{e.right}\n" for e in examples)
    print(f"{len(examples)} training pairs in {TRAIN_FILE}, held-out sets in {HELD_OUT_FILE}")


if __name__ == "__main__":
    main()
