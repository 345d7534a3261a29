"""Scores a checkpoint on the held-out sets, per error type: the share of sentences corrected exactly.

One pass over question and answer is enough: greedy decoding writes the right sentence exactly when the right token is
the most likely one at every place of it. `python -m training.evaluate [--mistakes 20]` scores the last checkpoint.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from .bpe import Tokenizer
from .data import IGNORED, encode, tensors
from .model import Tutor
from .splits import HELD_OUT_FILE

Record = dict[str, str]


def read_held_out(path: Path = HELD_OUT_FILE) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@torch.no_grad()
def exactly_right(model: Tutor, tokenizer: Tokenizer, records: list[Record], batch: int = 128) -> list[bool]:
    """For each record whether the model's greedy answer is the right sentence."""
    model.eval()
    data = encode([(record["wrong"], record["right"]) for record in records], tokenizer, model.shape.context)
    if len(data.answers) != len(records):
        raise ValueError("a held-out sentence is longer than the context")
    order = np.argsort(data.lengths, kind="stable")
    result = np.zeros(len(records), dtype=bool)
    for start in range(0, len(order), batch):
        indices = order[start:start + batch]
        inputs, targets = tensors(data, indices, tokenizer.end)
        best = model(inputs).argmax(-1)
        result[indices] = ((best == targets) | (targets == IGNORED)).all(-1).numpy()
    model.train()
    return result.tolist()


def table(records: list[Record], right: list[bool]) -> str:
    """Exact share per split and error type, and for right sentences and mistakes as a whole."""
    tally: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for record, exact in zip(records, right):
        groups = {record["errorType"], "left alone" if record["errorType"] == "none" else "corrected"}
        for group in groups - {"none"}:
            tally[group][record["split"]].append(exact)
    lines = [f"{'':14}{'new-words':>18}{'new-frames':>18}"]
    for group in sorted(tally):
        cells = [tally[group][split] for split in ("new-words", "new-frames")]
        lines.append(f"{group:14}" + "".join(f"{100 * np.mean(c):>11.1f} % {len(c):>4}" if c else f"{'–':>18}"
                                             for c in cells))
    return "\n".join(lines)


@torch.no_grad()
def answer(model: Tutor, tokenizer: Tokenizer, sentence: str) -> str:
    """The greedy correction, token by token."""
    tokens = [*tokenizer.encode(sentence), tokenizer.fix]
    start = len(tokens)
    while len(tokens) < model.shape.context:
        best = int(model(torch.tensor([tokens]))[0, -1].argmax())
        if best == tokenizer.end:
            break
        tokens.append(best)
    return tokenizer.decode(tokens[start:])


def main() -> None:
    from .train import load_model
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mistakes", type=int, default=0, help="how many wrong answers to show")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load_model()
    records = read_held_out()
    right = exactly_right(model, tokenizer, records)
    print(table(records, right))
    missed = [record for record, exact in zip(records, right) if not exact]
    for record in missed[::max(1, len(missed) // max(1, options.mistakes))][:options.mistakes]:
        given = answer(model, tokenizer, record["wrong"])
        print(f"\n{record['split']}, {record['errorType']}\n  wrong {record['wrong']}\n  right {record['right']}\n  given {given}")


if __name__ == "__main__":
    main()
