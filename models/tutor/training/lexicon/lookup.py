"""`Lexicon`: every open-class word by class, split into training and held-out words, and a random picker over them."""

import random
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from ..frames import FAMILIES
from . import adjectives, function_words, further, names, nouns, verbs
from .inflect import article, degree, ing, plural, regular_past, third_person

HELD_OUT_SHARE = 0.12
_ALWAYS_TRAINED = set("new big small nice great old".split())  # adjectives of any noun, see `grammar`
FURTHER_SHARE = 0.25  # of the unlisted words: real ones, from `further`
UNLISTED_VERBS = 0.75  # of `unlisted_share`: a verb's complement is lost with it
COMPOUND_SHARE = 0.12  # of the invented nouns
_SMALL_CLASS = 20  # classes smaller than this are kept whole: holding words out would leave too few to learn from


def words(text: str) -> list[str]:
    """The words of a list; `_` joins the parts of a compound such as `bus_stop`."""
    return list(dict.fromkeys(word.replace("_", " ") for word in text.split()))


@dataclass(frozen=True)
class Verb:
    """A verb with all of its forms and the complements it may take."""

    base: str
    past: str
    participle: str
    complements: tuple[str, ...]

    @property
    def third(self) -> str:
        return third_person(self.base)

    @property
    def ing(self) -> str:
        return ing(self.base)

    @property
    def regular(self) -> bool:
        return self.past == regular_past(self.base)


def _parse_verbs(text: str) -> dict[str, Verb]:
    parsed: dict[str, Verb] = {}
    for line in text.splitlines():
        forms, complements = (part.split() for part in line.split(" : "))
        base = forms[0]
        past, participle = forms[1:] or [regular_past(base)] * 2
        known = parsed[base].complements if base in parsed else ()
        parsed[base] = Verb(base, past, participle, tuple(dict.fromkeys(known + tuple(complements))))
    return parsed


VERBS = _parse_verbs(verbs.VERBS)
NOUNS: dict[str, list[str]] = {name: words(text) for name, text in (nouns.COUNTABLE | nouns.UNCOUNTABLE).items()}
LONG_ADJECTIVES = set(words(adjectives.LONG))
NAMES = {
    "female": words(names.FEMALE), "male": words(names.MALE), "country": words(names.COUNTRIES),
    "city": words(names.CITIES), "language": words(names.LANGUAGES),
}
ADJECTIVES = {
    "people": words(adjectives.FOR_PEOPLE), "thing": words(adjectives.FOR_THINGS),
    "place": words(adjectives.FOR_PLACES), "animal": words(adjectives.FOR_ANIMALS),
    "food": words(adjectives.FOR_FOOD), "event": words(adjectives.FOR_EVENTS),
    "weather": words(adjectives.FOR_WEATHER), "feeling": words(adjectives.FEELINGS),
    "gradable": words(adjectives.SHORT) + words(adjectives.LONG) + list(adjectives.IRREGULAR),
}


def comparative(adjective: str) -> str:
    """`tall` → `taller`, `famous` → `more famous`."""
    if adjective in adjectives.IRREGULAR:
        return adjectives.IRREGULAR[adjective][0]
    return f"more {adjective}" if is_long(adjective) else degree(adjective, "er")


def superlative(adjective: str) -> str:
    """`tall` → `tallest`, `famous` → `most famous`."""
    if adjective in adjectives.IRREGULAR:
        return adjectives.IRREGULAR[adjective][1]
    return f"most {adjective}" if is_long(adjective) else degree(adjective, "est")


def is_long(adjective: str) -> bool:
    """Whether the adjective compares with more and most: by the lists, else by its ending or three syllables."""
    if adjective in LONG_ADJECTIVES or adjective.endswith(_LONG_ENDINGS):
        return True
    return adjective not in ADJECTIVES["gradable"] and len(re.findall("[aeiouy]+", adjective)) > 2


FURTHER = {"name": words(further.NAMES), "noun": words(further.NOUNS), "verb": words(further.VERBS),
           "adjective": words(further.ADJECTIVES)}
_LONG_ENDINGS = ("ful", "ous", "ive", "less", "ical", "able")
_ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl l m n p pl pr qu r s sc sh sk sl sm sn sp st str t tr tw v w y z".split()
_VOWELS = "a e i o u a e i o ai ea ee oa oo ou".split()
_CODAS = "nk st mp rt ll sk nd lt ck rm ft lk rd ng rk sh ch ss gh".split()
_DOUBLED = "tt nn ll pp pt zz".split()
_NOUN_ENDINGS = "a i b d g l m n p r t w ck tch ow ew ay oy ee er or et in on le ry ty ge ce ne se ve".split()
_VERB_ENDINGS = "ke ke te re se ge ve ne me le ce py fy ry sh ch ckle ster nder".split()
_MIDDLES = "b d f g l m n p r s t v z nd nt rl st".split()
_NAME_ENDINGS = "a o i u an en in el ar is os ya ka ko na ra ta ri mi do ric ard git ge y ie ert old elle".split()


def unlisted_word(rng: random.Random, kind: str, blended_share: float) -> str:
    """A noun, verb, adjective or name beside the lists: what it looks like tells how it inflects, and copying spells it.

    Some are real (`further`), the others are invented. Of these, `blended_share` begin like one real word and end like
    another (`hairtist`), so that pieces of words are copied in company that they never keep; the rest are random
    syllables. Some nouns are made of two (`bread lamp`, `breadlamp`).
    """
    while True:
        word = _candidate(rng, kind, blended_share)
        if word and not _real_forms() & {word.lower(), plural(word), regular_past(word)}:
            return word


def _candidate(rng: random.Random, kind: str, blended_share: float) -> str | None:
    if rng.random() < FURTHER_SHARE:
        return rng.choice(FURTHER[kind])
    if kind == "noun" and rng.random() < COMPOUND_SHARE:
        return _compound(rng)
    return _blend(rng, kind) if rng.random() < blended_share else _invent(rng, kind)


def _compound(rng: random.Random) -> str | None:
    """Two nouns that make one: the first real or invented, the second real; it inflects as the second does."""
    real = _blendable()["noun"]
    first = rng.choice(real) if rng.random() < 0.6 else _invent(rng, "noun")
    second = rng.choice(real)
    return first + rng.choice((" ", "")) + second if first != second else None


def _blend(rng: random.Random, kind: str) -> str | None:
    """The beginning of one word, often of another kind, and the end of one of `kind`; None where its inflection could
    not be told."""
    ends = _blendable()[kind]
    starts = ends if kind == "name" or rng.random() < 0.5 else _blendable()[rng.choice(("noun", "verb", "adjective"))]
    first, second = rng.choice(starts), rng.choice(ends)
    if first == second:
        return None
    word = first[:rng.randint(2, len(first) - 1)] + second[rng.randint(1, len(second) - 2):]
    if not 4 <= len(word) <= 13 or re.search(r"[^aeiouy]{5}|[aeiou]{4}|(.)\1\1", word):
        return None
    if kind == "adjective" and not is_long(word) and not _COMPARES_WITH_ER.search(word):
        return None
    return word


# `smooth`, `weak`, `dusty`, `friendly`
_COMPARES_WITH_ER = re.compile("^[^aeiou]*([aeiou]{1,2}([^aeiouwxy]{2}(l?y)?|[^aeiouy]y)|[aeiou]{2}[^aeiouwxy])$")
_MAY_DOUBLE = re.compile("[^aeiou][aeiou][^aeiouwxy]$")  # `prefer`, but not `open`: the spelling does not tell


@cache
def _blendable() -> dict[str, list[str]]:
    """Trained words by kind whose inflection follows from their spelling, and whose pieces' does too."""
    sounds = nouns.CONSONANT_SOUND | nouns.VOWEL_SOUND
    listed = {
        "noun": [word for name in nouns.COUNTABLE for word in NOUNS[name] if word not in nouns.IRREGULAR_PLURALS],
        "verb": [verb.base for verb in VERBS.values() if verb.regular and not _MAY_DOUBLE.search(verb.base)],
        "adjective": [word for word in ADJECTIVES["gradable"] if is_long(word) or _COMPARES_WITH_ER.search(word)],
        "name": NAMES["female"] + NAMES["male"] + NAMES["city"],
    }
    return {kind: sorted({word for word in group if word.isalpha() and len(word) > 3 and word not in sounds | HELD_OUT})
            for kind, group in listed.items()}


@cache
def _real_forms() -> frozenset[str]:
    """Every word of the lexicon, inflected, and every word of the frames."""
    return frozenset(form.lower() for forms in (*_entries().values(), _spelled_out()) for form in forms)


def _invent(rng: random.Random, kind: str) -> str:
    syllables = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((0, 0, 1, 1, 2))))
    start = rng.choice(_VOWELS[:5]) + rng.choice(_MIDDLES) if rng.random() < 0.25 else syllables
    onset, short_vowel = rng.choice(_ONSETS), rng.choice(_VOWELS[:5])
    stem = start + onset + rng.choice(_VOWELS)
    if kind == "name":
        return (stem + rng.choice(_MIDDLES) + rng.choice(_NAME_ENDINGS)).capitalize()
    if kind == "adjective":
        if rng.random() < 0.5:
            return _short_adjective(rng)
        return stem + rng.choice(_MIDDLES) + rng.choice(_LONG_ENDINGS)
    if rng.random() < 0.5:
        return start + onset + short_vowel + rng.choice(_NOUN_ENDINGS if kind == "noun" else _VERB_ENDINGS)
    return stem + rng.choice(_CODAS)


def _short_adjective(rng: random.Random) -> str:
    """One that compares with -er, as its shape tells: `smooth`, `weak`, `dusty`, `friendly`, `silly`."""
    if rng.random() < 0.2:
        return rng.choice(_ONSETS) + rng.choice(("ea", "ee", "oa", "oo", "ai", "ou")) + rng.choice("dklmnprt")
    vowel = rng.choice(_VOWELS)
    if rng.random() < 0.2:
        ending = rng.choice(_DOUBLED) + "y"
    else:
        ending = rng.choice(_CODAS) + rng.choice(("", "", "y", "ly"))
    return rng.choice(_ONSETS) + vowel + ending


_WIDE_GROUPS = ("people", "thing", "place", "animal", "food", "event")  # of adjectives; unlisted words fit in


class Lexicon:
    """Picks words of a class.

    `held_out_share` is how often a pick comes from the words kept out of training (0 while training), `unlisted_share`
    how often it is one beside the lists (0 while evaluating), `blended_share` how many of the invented ones are blends.
    """

    def __init__(self, held_out_share: float = 0.0, unlisted_share: float = 0.0, blended_share: float = 0.5) -> None:
        self.held_out_share = held_out_share
        self.unlisted_share = unlisted_share
        self.blended_share = blended_share
        self.used_held_out = False

    def pick(self, rng: random.Random, choices: list[str], kind: str) -> str:
        """One of `choices`, a held-out one among them, or an unlisted word of `kind` ("" = never)."""
        if kind and rng.random() < self.unlisted_share:
            return unlisted_word(rng, kind, self.blended_share)
        held_out = [word for word in choices if word in HELD_OUT] if rng.random() < self.held_out_share else []
        if held_out:
            self.used_held_out = True
            return rng.choice(held_out)
        return rng.choice([word for word in choices if word not in HELD_OUT])

    def noun(self, rng: random.Random, noun_class: str) -> str:
        return self.pick(rng, NOUNS[noun_class], "noun")

    def uncountable(self, rng: random.Random, noun_class: str) -> str:
        return self.pick(rng, NOUNS[noun_class], "")

    def name(self, rng: random.Random, kind: str) -> str:
        return self.pick(rng, NAMES[kind], "name" if kind in ("female", "male", "city") else "")

    def adjective(self, rng: random.Random, group: str) -> str:
        if group in _WIDE_GROUPS and self.unlisted_share and rng.random() < self.unlisted_share:
            return unlisted_word(rng, "adjective", self.blended_share)
        return self.pick(rng, ADJECTIVES[group], "adjective" if group == "gradable" else "")

    def verb(self, rng: random.Random, allowed: list[Verb]) -> Verb:
        """One of the allowed verbs; an unlisted one takes the complements of the verb it stands for."""
        by_base = {verb.base: verb for verb in allowed}
        verb = by_base[self.pick(rng, list(by_base), "")]
        if rng.random() < UNLISTED_VERBS * self.unlisted_share:
            base = unlisted_word(rng, "verb", self.blended_share)
            return Verb(base, regular_past(base), regular_past(base), verb.complements)
        return verb


@cache
def _entries() -> dict[tuple[str, str], set[str]]:
    """All forms of every open-class word, by (part of speech, word)."""
    entries: dict[tuple[str, str], set[str]] = {}
    for noun in (word for group in NOUNS.values() for word in group):
        entries["noun", noun] = {noun, plural(noun)}
    for verb in VERBS.values():
        entries["verb", verb.base] = {verb.base, verb.third, verb.past, verb.participle, verb.ing}
    for adjective in (word for group in ADJECTIVES.values() for word in group):
        entries["adjective", adjective] = {adjective, comparative(adjective), superlative(adjective)}
    for name in (word for group in NAMES.values() for word in group):
        entries["name", name] = {name}
    return entries


def all_words() -> set[str]:
    """Every open-class word, uninflected."""
    return {word for _, word in _entries()}


def forms_of(word: str) -> set[str]:
    """Every form of an open-class word, whatever parts of speech it may be."""
    return {form for (_, base), forms in _entries().items() if base == word for form in forms}


def _spelled_out() -> set[str]:
    """Words that frames, patterns and lists without an open class write out."""
    texts = [line for lines in FAMILIES.values() for line in lines] + list(verbs.PATTERNS.values())
    texts += [nouns.INSTRUMENTS, nouns.FEARS, adjectives.FEELINGS, *nouns.UNCOUNTABLE.values()]
    texts += [str(value) for name, value in vars(function_words).items() if name.isupper()]
    return set(re.findall(r"[A-Za-z-]+", " ".join(texts)))


def _choose_held_out() -> frozenset[str]:
    """Words kept out of all training sentences, in all of their forms.

    Only words whose inflection and article follow from their spelling: what is irregular cannot be corrected unseen.
    A word that shares a form with another entry (`saw`, `cleaner`) or that a frame spells out would be seen anyway.
    """
    rng = random.Random("held-out words")
    irregular = set(nouns.IRREGULAR_PLURALS) | nouns.CONSONANT_SOUND | nouns.VOWEL_SOUND | set(adjectives.IRREGULAR)
    entries, spelled_out = _entries(), _spelled_out() | _ALWAYS_TRAINED
    owners = Counter(form for forms in entries.values() for form in forms)
    groups = [("noun", NOUNS[name]) for name in nouns.COUNTABLE]
    groups += [("name", NAMES[name]) for name in ("female", "male", "city")]
    groups += [("adjective", ADJECTIVES["gradable"]), ("verb", [v.base for v in VERBS.values() if v.regular])]
    chosen: set[str] = set()
    for part_of_speech, group in groups:
        candidates = [word for word in group if word not in irregular | chosen and all(
            owners[form] == 1 and form not in spelled_out for form in entries[part_of_speech, word])]
        if len(group) >= _SMALL_CLASS:
            chosen.update(rng.sample(candidates, min(len(candidates), round(HELD_OUT_SHARE * len(group)))))
    return frozenset(chosen)


HELD_OUT = _choose_held_out()
