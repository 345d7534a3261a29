"""Makes examples out of sentences: picks one of the mistakes possible in a sentence and writes both versions down."""

import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from .grammar import Realiser, Token
from .lexicon.lookup import Lexicon

# How likely a type is chosen when a sentence allows it. Types that few frames allow weigh more.
TYPE_WEIGHTS = {
    "agreement": 2.0, "tense": 3.5, "article": 2.0, "plural": 3.5, "preposition": 1.6, "auxiliary": 1.5, "pronoun": 2.5,
    "word-order": 4.0, "comparative": 5.0, "capital": 1.0, "punctuation": 0.8,
}
RIGHT_SHARE = 0.28
SEVERAL_SHARE = 0.09
CONTRACTION_SHARE = 0.12

_CONTRACTED = {"am": "'m", "is": "'s", "are": "'re", "will": "'ll"}
_PUNCTUATION = {".", ",", "?", "!"}


@dataclass(frozen=True)
class Example:
    """What a learner writes and what it should be. `error_type` is "none" for a right sentence."""

    wrong: str
    right: str
    error_type: str


@dataclass(frozen=True)
class Edit:
    """One mistake: the tokens from `start` on, `length` of them, become `tokens`."""

    error_type: str
    start: int
    length: int
    tokens: tuple[Token, ...]


def write_out(tokens: list[Token], capital: bool = True) -> str:
    """Joins tokens into a sentence with its first letter capital."""
    text = " ".join(token.text for token in tokens if token.text)
    text = re.sub(r" ([.,?!])", r"\1", text)
    text = re.sub(r"([.!?] )([a-z])", lambda match: match[1] + match[2].upper(), text)
    return text[0].upper() + text[1:] if capital else text


def contract(tokens: list[Token], rng: random.Random) -> list[Token]:
    """Sometimes `I am` becomes `I'm`; never at a clause's end (`where she is`) or in a question."""
    if tokens[-1].text != "." or any(token.text == "where" for token in tokens) or rng.random() > CONTRACTION_SHARE:
        return tokens
    for i, (pronoun, verb, following) in enumerate(zip(tokens, tokens[1:], tokens[2:])):
        auxiliary, *rest = verb.text.split(" ")
        if pronoun.text in ("I", "you", "he", "she", "we", "they") and auxiliary in _CONTRACTED and not verb.swap \
                and (rest or following.text not in _PUNCTUATION):
            ending = " ".join([_CONTRACTED[auxiliary], *rest])
            missing = [("punctuation", pronoun.text + ending[1:])] if auxiliary == "am" else []
            return [*tokens[:i], Token(pronoun.text + ending, missing), *tokens[i + 2:]]
    return tokens


def _is_proper(token: Token, first: bool) -> bool:
    return bool(token.text) and token.text[0].isupper() and not first


def possible_edits(tokens: list[Token]) -> dict[str, list[Edit]]:
    """Every mistake that can be made in the sentence, by type."""
    edits: dict[str, list[Edit]] = defaultdict(list)
    first = next(i for i, token in enumerate(tokens) if token.text)
    for i, token in enumerate(tokens):
        for error_type, wrong in token.mistakes:
            edits[error_type].append(Edit(error_type, i, 1, (Token(wrong),)))
        if token.swap:
            n, m = token.swap
            moved = (*tokens[i + n:i + n + m], *tokens[i:i + n])
            edits["word-order"].append(Edit("word-order", i, n + m, tuple(moved)))
        if _is_proper(token, i == first):
            edits["capital"].append(Edit("capital", i, 1, (Token(token.text.lower()),)))
        elif token.raised and i > first:
            edits["capital"].append(Edit("capital", i, 1, (Token(token.text.capitalize()),)))
    edits["capital"] += [Edit("capital", 0, 0, ())] * 2
    last, mark = len(tokens) - 1, tokens[-1].text
    for wrong in ("", "", "", mark * 2, " " + mark, *({"?": ["."] * 3, ".": [","]}.get(mark, []))):
        edits["punctuation"].append(Edit("punctuation", last, 1, (Token(wrong),)))
    return edits


def apply(tokens: list[Token], edits: list[Edit]) -> str:
    """The sentence with the mistakes in it."""
    lowered = any(edit.error_type == "capital" and not edit.length for edit in edits)
    changed = list(tokens)
    for edit in sorted((edit for edit in edits if edit.length), key=lambda edit: -edit.start):
        changed[edit.start:edit.start + edit.length] = edit.tokens
    text = write_out(changed, capital=False)
    spaced = any(edit.tokens and edit.tokens[0].text.startswith(" ") for edit in edits)
    if spaced:
        text = re.sub(r"\s*([.?!])$", r" \1", text)
    text = re.sub(r"  +", " ", text)
    return text[0].lower() + text[1:] if lowered else text[0].upper() + text[1:]


def _choose(edits: dict[str, list[Edit]], rng: random.Random) -> Edit:
    types = sorted(edits)
    error_type = rng.choices(types, [TYPE_WEIGHTS[name] for name in types])[0]
    return rng.choice(edits[error_type])


def make_example(frame: str, lexicon: Lexicon, rng: random.Random) -> Example | None:
    """One example from a frame, or None where the mistake chosen happens to change nothing."""
    tokens = contract(Realiser(frame, lexicon, rng).sentence(), rng)
    right = write_out(tokens)
    kind = rng.random()
    if kind < RIGHT_SHARE:
        return Example(right, right, "none")
    edits = possible_edits(tokens)
    chosen = [_choose(edits, rng)]
    if kind < RIGHT_SHARE + SEVERAL_SHARE:
        for _ in range(rng.choice((1, 1, 2))):
            other = _choose(edits, rng)
            if all(_apart(other, edit) for edit in chosen):
                chosen.append(other)
    wrong = apply(tokens, chosen)
    if wrong == right:
        return None
    return Example(wrong, right, chosen[0].error_type if len(chosen) == 1 else "several")


def _apart(one: Edit, other: Edit) -> bool:
    if one.error_type == other.error_type:
        return False
    return one.start + one.length <= other.start or other.start + other.length <= one.start


def join(examples: list[Example]) -> Example:
    """Several sentences as one text."""
    types = {example.error_type for example in examples} - {"none"}
    error_type = "none" if not types else types.pop() if len(types) == 1 else "several"
    return replace(examples[0], wrong=" ".join(e.wrong for e in examples), right=" ".join(e.right for e in examples),
                   error_type=error_type)
