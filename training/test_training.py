"""Checks of the generator, the tokenizer and the export that need no trained model: `pytest training`."""

import random
import re

import pytest

from . import splits
from .bpe import Tokenizer, learn
from .errors import TYPE_WEIGHTS
from .frames import FRAMES, NEW_FRAMES
from .lexicon.inflect import article, degree, ing, plural, regular_past, third_person
from .lexicon.lookup import HELD_OUT, all_words, forms_of, invented_word, is_long
from .splits import HELD_OUT_FILE, held_out, training

SIZE = 6000


@pytest.fixture(scope="module")
def train() -> list:
    return training(seed=1, size=SIZE)


@pytest.fixture(scope="module")
def held() -> dict:
    return held_out(seed=1)


def test_same_seed_same_examples(train, held):
    assert training(seed=1, size=SIZE) == train
    assert held_out(seed=1) == held
    assert training(seed=2, size=SIZE) != train


def test_no_sentence_is_shared(train, held):
    sets = [{text for e in examples for text in (e.wrong, e.right)} for examples in (train, *held.values())]
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]


def test_pairs_are_distinct_and_unambiguous(train, held):
    for examples in (train, *held.values()):
        assert len({e.wrong for e in examples}) == len(examples)
        rights = {e.right for e in examples}
        assert not [e for e in examples if e.error_type != "none" and e.wrong in rights]
        assert all((e.wrong == e.right) == (e.error_type == "none") for e in examples)


def test_every_error_type_is_held_out_and_a_quarter_is_right(held):
    for examples in held.values():
        counts = {kind: sum(e.error_type == kind for e in examples) for kind in (*TYPE_WEIGHTS, "none", "several")}
        assert min(counts.values()) >= 20
        assert 0.25 <= counts["none"] / len(examples) <= 0.32


def test_held_out_words_never_occur_in_training(train, held):
    forms = {form for word in HELD_OUT for form in forms_of(word)}
    seen = {word for e in train for word in re.findall(r"[\w'-]+", e.right)}
    assert not forms & seen
    held_out_word = re.compile(rf"\b({'|'.join(map(re.escape, forms))})\b")
    assert all(held_out_word.search(e.right) for e in held["new-words"])


def test_new_frames_are_not_trained_on():
    assert not NEW_FRAMES & set(splits.KNOWN_FRAMES)
    assert all(NEW_FRAMES & set(frames) for frames in FRAMES.values())


def test_vocabulary_is_wide():
    assert len(all_words()) >= 1500


def test_committed_held_out_sets_are_those_of_the_generator(held):
    assert HELD_OUT_FILE.read_text(encoding="utf-8") == "".join(splits.held_out_lines(held))


@pytest.mark.parametrize(("inflected", "expected"), [
    (plural("box"), "boxes"), (plural("child"), "children"), (plural("baby"), "babies"), (plural("toy"), "toys"),
    (third_person("go"), "goes"), (third_person("carry"), "carries"), (third_person("have"), "has"),
    (ing("make"), "making"), (ing("stop"), "stopping"), (ing("visit"), "visiting"), (ing("see"), "seeing"),
    (regular_past("try"), "tried"), (regular_past("hug"), "hugged"), (regular_past("open"), "opened"),
    (degree("big", "er"), "bigger"), (degree("happy", "est"), "happiest"), (degree("nice", "er"), "nicer"),
    (article("hour"), "an"), (article("university"), "a"), (article("old"), "an"), (article("useful"), "a"),
])
def test_inflection(inflected: str, expected: str):
    assert inflected == expected


def test_tokenizer_gives_back_any_text_and_keeps_first_letters_apart(train):
    tokenizer = Tokenizer(learn(text for e in train for text in (e.wrong, e.right)))
    for text in ("Zoë doesn't live in Kraków, does she?", "日本 🙂  two  spaces\n", train[0].wrong):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(set(tokenizer.tokens)) == len(tokenizer.tokens)
    assert len(tokenizer.tokens) % 32 == 0
    assert tokenizer.encode("The Mariko")[2:] != tokenizer.encode("The mariko")[2:]
    assert tokenizer.encode("The Mariko")[3:] == tokenizer.encode("The mariko")[3:]


@pytest.mark.parametrize("kind", ["noun", "verb", "adjective", "name"])
def test_blends_are_no_words_and_inflect_by_their_spelling(kind):
    rng = random.Random(1)
    blends = [invented_word(rng, kind, blended_share=1.0) for _ in range(300)]
    real = {form.lower() for word in all_words() for form in forms_of(word)}
    assert len(set(blends)) > 250
    assert not {blend.lower() for blend in blends} & real
    if kind == "adjective":
        assert all(is_long(blend) for blend in blends)
