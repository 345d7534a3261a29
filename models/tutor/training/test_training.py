"""Checks of the generator, the tokenizer and the export that need no trained model: `pytest training`."""

import random
import re
from dataclasses import replace

import pytest
import torch

from . import splits
from .average import average
from .bpe import Tokenizer, learn
from .data import Encoded, encode
from .errors import TYPE_WEIGHTS, make_example
from .export import write
from .frames import EXTRA_FRAMES, FRAMES, NEW_FRAMES
from .gguf_file import read_merges, read_weights
from .lexicon.inflect import article, degree, ing, plural, regular_past, third_person
from .lexicon.lookup import FURTHER, HELD_OUT, Lexicon, all_words, forms_of, is_long, unlisted_word
from .model import Shape, Tutor
from .splits import HELD_OUT_FILE, held_out, training

SIZE = 6000


@pytest.fixture(scope="module")
def train() -> list:
    return training(seed=1, size=SIZE)


@pytest.fixture(scope="module")
def held() -> dict:
    return held_out(seed=1)


@pytest.fixture(scope="module")
def tokenizer(train) -> Tokenizer:
    return Tokenizer(learn(text for e in train for text in (e.wrong, e.right)))


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
    assert not NEW_FRAMES & {*splits.KNOWN_FRAMES, *(frame for frames in EXTRA_FRAMES.values() for frame in frames)}
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


def test_every_extra_frame_makes_sentences():
    rng, lexicon = random.Random(1), Lexicon()
    for frames in EXTRA_FRAMES.values():
        for frame in rng.sample(frames, min(len(frames), 60)):
            assert all(example.wrong and example.right for _ in range(3) if (example := make_example(frame, lexicon, rng)))


def test_words_in_unusual_pieces_are_the_same_on_both_sides(train, tokenizer):
    pairs = [(e.wrong, e.right) for e in train[:300]]
    usual, varied = encode(pairs, tokenizer, 128), encode(pairs, tokenizer, 128, varied_share=1.0)
    assert len(varied.tokens) > 1.1 * len(usual.tokens)
    spelled = {(tokenizer.decode(prompt), tokenizer.decode(answer)) for prompt, answer in _sides(varied)}
    assert len(spelled) > 250 and spelled <= set(pairs)
    alone = [(prompt[:-1], answer[:-1]) for prompt, answer in _sides(varied) if len(prompt) == len(answer)]
    same = [(prompt, answer) for prompt, answer in alone if tokenizer.decode(prompt) == tokenizer.decode(answer)]
    assert len(same) > 50 and all(prompt == answer for prompt, answer in same)


def _sides(data: Encoded) -> list[tuple[list[int], list[int]]]:
    """Each example's prompt with the separator, and its answer with the end."""
    bounds = zip(data.starts, data.answers, data.starts[1:])
    return [(data.tokens[start:answer].tolist(), data.tokens[answer:stop].tolist()) for start, answer, stop in bounds]


def test_a_model_is_read_back_and_new_layers_begin_idle(tokenizer, tmp_path):
    torch.manual_seed(1)
    shape = Shape(len(tokenizer.tokens), width=64, heads=2, layers=1)
    written, read = Tutor(shape), Tutor(replace(shape, layers=3))
    path = tmp_path / "model.gguf"
    write(path, written, tokenizer)
    read_weights(path, read)
    assert read_merges(path) == tokenizer.merges
    tokens = torch.randint(0, len(tokenizer.tokens), (2, 9))
    with torch.no_grad():
        assert torch.allclose(read(tokens), written(tokens), atol=0.02)  # Q8_0 and bfloat16
        fresh = Tutor(replace(shape, layers=3))
        assert not torch.allclose(fresh(tokens), written(tokens), atol=0.02)


def test_the_mean_of_two_models_lies_between_them(tokenizer, tmp_path):
    shape = Shape(len(tokenizer.tokens), width=64, heads=2, layers=1)
    models = [Tutor(shape), Tutor(shape)]
    paths = [tmp_path / "one.gguf", tmp_path / "other.gguf"]
    for path, model in zip(paths, models):
        write(path, model, tokenizer)
    mean, read = average(paths)
    assert mean.shape == shape and read.merges == tokenizer.merges
    for ours, one, other in zip(mean.parameters(), *(model.parameters() for model in models)):
        assert torch.allclose(ours, (one + other) / 2, atol=0.001)
    write(tmp_path / "deeper.gguf", Tutor(replace(shape, layers=2)), tokenizer)
    with pytest.raises(ValueError, match="another shape"):
        average([paths[0], tmp_path / "deeper.gguf"])


def test_tokenizer_gives_back_any_text_and_keeps_first_letters_apart(train, tokenizer):
    for text in ("Zoë doesn't live in Kraków, does she?", "日本 🙂  two  spaces\n", train[0].wrong):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(set(tokenizer.tokens)) == len(tokenizer.tokens)
    assert len(tokenizer.tokens) % 32 == 0
    assert tokenizer.encode("The Mariko")[2:] != tokenizer.encode("The mariko")[2:]
    assert tokenizer.encode("The Mariko")[3:] == tokenizer.encode("The mariko")[3:]


KINDS = ["noun", "verb", "adjective", "name"]


@pytest.mark.parametrize("kind", KINDS)
def test_unlisted_words_are_in_no_list_and_inflect_by_their_spelling(kind):
    rng = random.Random(1)
    unlisted = [unlisted_word(rng, kind, blended_share=0.8) for _ in range(300)]
    listed = {form.lower() for word in all_words() for form in forms_of(word)}
    assert len(set(unlisted)) > 200
    assert not {word.lower() for word in unlisted} & listed
    if kind == "adjective":
        assert all(is_long(word) or re.search("([^aeiou]y|[^aeiouwxy]{2}y?|[aeiou]{2}[^aeiouwxy])$", word)
                   for word in unlisted if word not in FURTHER[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_no_further_word_has_a_held_out_one_in_it(kind):
    assert len(FURTHER[kind]) > 300
    held_out = [word.lower() for word in HELD_OUT if len(word) > 3]
    assert not [word for word in FURTHER[kind] if any(part in word.lower() for part in held_out)]
