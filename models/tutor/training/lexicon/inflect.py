"""Regular English inflection by spelling; exceptions come from the tables beside the word lists."""

import re

from .nouns import CONSONANT_SOUND, IRREGULAR_PLURALS, VOWEL_SOUND

_SIBILANT = re.compile(r"(s|x|z|ch|sh)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")
_CVC = re.compile(r"^[^aeiou]*[aeiou][^aeiouwxy]$")
_DOUBLED_WHEN_STRESSED = {"prefer", "admit", "forget", "begin"}


def _add_s(word: str) -> str:
    if _CONSONANT_Y.search(word):
        return word[:-1] + "ies"
    return word + ("es" if _SIBILANT.search(word) else "s")


def plural(noun: str) -> str:
    """`box` → `boxes`, `child` → `children`."""
    return IRREGULAR_PLURALS.get(noun) or _add_s(noun)


def third_person(verb: str) -> str:
    """`go` → `goes`, `carry` → `carries`."""
    if verb == "have":
        return "has"
    return verb + "es" if verb in ("go", "do") else _add_s(verb)


def _doubles(word: str) -> bool:
    return word in _DOUBLED_WHEN_STRESSED or bool(_CVC.match(word))


def ing(verb: str) -> str:
    """`make` → `making`, `stop` → `stopping`."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if _doubles(verb) else "") + "ing"


def regular_past(verb: str) -> str:
    """`carry` → `carried`; also the over-regular `goed` that learners write."""
    if verb.endswith("e"):
        return verb + "d"
    if _CONSONANT_Y.search(verb):
        return verb[:-1] + "ied"
    return verb + (verb[-1] if _doubles(verb) else "") + "ed"


def degree(adjective: str, ending: str) -> str:
    """`big`, `er` → `bigger`; `happy`, `est` → `happiest`."""
    if adjective.endswith("e"):
        return adjective + ending[1:]
    if _CONSONANT_Y.search(adjective) and adjective != "shy":
        return adjective[:-1] + "i" + ending
    return adjective + (adjective[-1] if _doubles(adjective) else "") + ending


def article(word: str) -> str:
    """`a` or `an`, by the sound that `word` begins with."""
    first = word.split()[0].split("-")[0]
    if first in CONSONANT_SOUND:
        return "a"
    return "an" if first in VOWEL_SOUND or first[0].lower() in "aeiou" else "a"
