"""Turns a frame into a sentence whose every word knows the mistakes a learner makes at that place.

A frame is a line of pieces:

- `word` stands for itself, `_` for a space inside it, `0` for no word;
- `right/wrong/wrong@type` is a word with its mistakes, of error type `preposition` unless `@type` says otherwise;
- `{slot:argument}` is filled by the `Realiser` method of that name; a digit after the slot's name is the number of
  the clause whose subject it agrees with: `{S2} {V2:past}`;
- `~piece` may wrongly change places with the next piece, `%{V:past}` may put its object after the next piece.
"""

import random
import re
from dataclasses import dataclass, field, replace

from .lexicon import adjectives, function_words as fw, names, nouns
from .lexicon.lookup import (ADJECTIVES, NOUNS, VERBS, Lexicon, Verb, article, comparative, is_long, plural,
                             superlative, words)
from .lexicon.inflect import degree, regular_past
from .lexicon.verbs import ONCE, PATTERNS, STATIVE

Mistakes = list[tuple[str, str]]  # (error type, what is written instead)


@dataclass
class Token:
    """A word, or a few that are corrupted together, and the mistakes possible there.

    `swap` = (n, m): this token and the n - 1 after it may wrongly stand behind the next m tokens.
    `raised`: a common noun, which may wrongly get a capital.
    """

    text: str
    mistakes: Mistakes = field(default_factory=list)
    swap: tuple[int, int] | None = None
    raised: bool = False


@dataclass(frozen=True)
class Subject:
    """Who a clause is about: the words and what verbs must agree with."""

    tokens: tuple[Token, ...]
    person: int
    plural: bool

    @property
    def third_singular(self) -> bool:
        return self.person == 3 and not self.plural

    def be(self, past: bool = False) -> str:
        if past:
            return "was" if not self.plural and self.person != 2 else "were"
        if self.plural or self.person == 2:
            return "are"
        return "am" if self.person == 1 else "is"


PRONOUNS = [("I", "me", 1, False), ("you", "", 2, False), ("he", "him", 3, False), ("she", "her", 3, False),
            ("we", "us", 1, True), ("they", "them", 3, True)]
POSSESSIVES = {"my": ["me", "I"], "your": ["you"], "his": ["he", "him"], "her": ["she"], "our": ["us", "we"],
               "their": ["they", "them"]}
_PIECE = re.compile(r"([~%]?)(?:\{(\w+?)(\d?)(?:[:=]([^}]*))?\}|(\S+))$")
_SPLIT = re.compile(r"(?:\{[^}]*\}|[^\s{])+")


def _be_mistakes(subject: Subject, past: bool) -> list[str]:
    """The forms of *be* that learners put there instead; `am` hardly ever strays from `I`."""
    forms = ("was", "were") if past else ("is", "are")
    return [form for form in forms if form != subject.be(past)]


class Realiser:
    """Fills the slots of one frame. One instance makes one sentence."""

    def __init__(self, frame: str, lexicon: Lexicon, rng: random.Random) -> None:
        self.frame = frame
        self.lexicon = lexicon
        self.rng = rng
        self.subjects: dict[str, Subject] = {}
        self.times = set(re.findall(r"\{T:(\w+)\}", frame)) | set(re.findall(r"#(\w+)", frame))
        self.habit = "pres" in self.times or "{freq}" in frame

    def sentence(self) -> list[Token]:
        """The tokens of the right sentence, in order, without the empty ones' spaces."""
        body = re.sub(r"\s*#\w+", "", self.frame)
        for index, argument in re.findall(r"\{S(\d?)(?::(\w+))?\}", body):
            self.subjects[index] = self._subject(argument)
        return self._pieces(body)

    def _pieces(self, text: str) -> list[Token]:
        units: list[tuple[str, list[Token]]] = []
        for piece in _SPLIT.findall(text):
            marker, slot, index, argument, literal = _PIECE.match(piece).groups()
            tokens = self._literal(literal) if literal else getattr(self, f"slot_{slot}")(argument or "", index)
            units.append((marker, tokens))
        for (marker, tokens), (_, following) in zip(units, units[1:]):
            if marker == "~":
                tokens[0].swap = (len(tokens), len(following))
            elif marker == "%" and len(tokens) > 1 and self.object_is_bare:
                tokens[1].swap = (len(tokens) - 1, len(following))
        return [token for _, tokens in units for token in tokens]

    def _literal(self, literal: str) -> list[Token]:
        spelled, _, error_type = literal.partition("@")
        right, *wrong = ["" if form == "0" else form.replace("_", " ") for form in spelled.split("/")]
        if "{" in right:
            slot, ending = re.fullmatch(r"(\{.*\})(.+)", right).groups()
            tokens = self._pieces(slot)
            tokens[-1].text += ending
            return tokens
        return [Token(right, [(error_type or "preposition", form) for form in wrong])]

    # -- noun phrases ------------------------------------------------------------------------------------------------

    def _subject(self, argument: str) -> Subject:
        kind = argument or self.rng.choices(
            ("pron", "name", "the", "poss", "names", "theplural", "possplural"), (9, 5, 4, 4, 1, 2, 2))[0]
        if kind == "third":
            kind = self.rng.choice(("name", "the", "poss"))
        if kind == "pron":
            nominative, accusative, person, many = self.rng.choice(PRONOUNS)
            mistakes = [("pronoun", accusative)] if accusative else []
            return Subject((Token(nominative, mistakes),), person, many)
        if kind == "name":
            return Subject((Token(self._name()),), 3, False)
        if kind == "who":
            return Subject((Token("who"),), 3, False)
        if kind == "names":
            other = self.slot_name("", "") if self.rng.random() < 0.6 else self.slot_possrel("", "")
            return Subject((Token(self._name()), Token("and"), *other), 3, True)
        if kind in ("the", "theplural"):
            return Subject(tuple(self.slot_the("person", "", many=kind != "the")), 3, kind != "the")
        return Subject(tuple(self.slot_possrel("", "", many=kind == "possplural")), 3, kind == "possplural")

    def slot_S(self, argument: str, index: str) -> list[Token]:
        """The subject of clause `index`."""
        return [replace(token) for token in self.subjects[index].tokens]

    def _name(self) -> str:
        return self.lexicon.name(self.rng, self.rng.choice(("female", "male")))

    def slot_name(self, argument: str, index: str) -> list[Token]:
        return [Token(self._name())]

    def slot_possrel(self, argument: str, index: str, many: bool = False) -> list[Token]:
        """`my brother`, `her friends`."""
        noun = self.lexicon.noun(self.rng, "relative")
        return [*self.slot_poss("", ""), Token(plural(noun) if many else noun, raised=True)]

    def slot_poss(self, argument: str, index: str) -> list[Token]:
        form = self.rng.choice(list(POSSESSIVES))
        return [Token(form, [("pronoun", wrong) for wrong in POSSESSIVES[form]])]

    def slot_who(self, argument: str, index: str) -> list[Token]:
        """A person as the object of a verb or preposition."""
        kind = self.rng.choices(("pron", "name", "poss", "the"), (4, 2, 2, 2))[0]
        if kind == "pron":
            nominative, accusative, *_ = self.rng.choice([entry for entry in PRONOUNS if entry[1]])
            return [Token(accusative, [("pronoun", nominative)])]
        if kind == "name":
            return self.slot_name("", "")
        if kind == "poss":
            return self.slot_possrel("", "", many=self.rng.random() < 0.3)
        return [Token("the"), Token(self.lexicon.noun(self.rng, "person"), raised=True)]

    def _noun(self, noun_class: str) -> str:
        return self.lexicon.noun(self.rng, noun_class) if noun_class in NOUNS else noun_class

    def _adjective_for(self, noun_class: str) -> str:
        group = {"person": "people", "relative": "people", "animal": "animal", "food": "food", "foodU": "food",
                 "place": "place", "room": "place", "building": "place", "event": "event", "media": "event",
                 "readable": "event", "thing": "thing", "clothes": "thing", "vehicle": "thing"}.get(noun_class, "")
        if not group:
            return self.rng.choice(["good", "new", "big", "small", "nice", "great", "old"])
        return self.lexicon.adjective(self.rng, group)

    def slot_a(self, noun_class: str, index: str) -> list[Token]:
        """`a bag`, `an old bag`: the article may be missing or the other one."""
        noun = self._noun(noun_class)
        adjective = self._adjective_for(noun_class) if self.rng.random() < 0.35 else ""
        right = article(adjective or noun)
        wrong = "an" if right == "a" else "a"
        tokens = [Token(right, [("article", ""), ("article", wrong)])]
        tokens[0].mistakes.append(("article", wrong))
        if adjective:
            tokens.append(Token(adjective, swap=(1, 1) if article(noun) == right else None))
        if plural(noun) != noun:
            return [*tokens, Token(noun, [("plural", plural(noun))], raised=True)]
        return [*tokens, Token(noun, raised=True)]

    def slot_the(self, noun_class: str, index: str, many: bool = False) -> list[Token]:
        """`the old teacher`; learners leave the article of a singular out."""
        noun = self._noun(noun_class)
        tokens = [Token("the", [] if many else [("article", "")])]
        if self.rng.random() < 0.25:
            tokens.append(Token(self._adjective_for(noun_class), swap=(1, 1)))
        return [*tokens, Token(plural(noun) if many else noun, raised=True)]

    def slot_bare(self, noun_class: str, index: str) -> list[Token]:
        return [Token(self._noun(noun_class), raised=True)]

    def slot_pls(self, noun_class: str, index: str) -> list[Token]:
        """A plural without a determiner; only irregular ones have a mistake of their own (`mans`)."""
        if noun_class == "vegetable":
            noun = self.rng.choice(words(fw.VEGETABLES))
        else:
            noun = self._noun(noun_class)
        return [Token(plural(noun), self._plural_mistakes(noun, False))]

    def _plural_mistakes(self, noun: str, singular_is_wrong: bool) -> Mistakes:
        wrong = [noun] if singular_is_wrong else []
        if noun in nouns.IRREGULAR_PLURALS:
            wrong.append(noun + "s" if noun[-1] != "s" else noun + "es")
            if noun[-2:] in ("an", "ld"):
                wrong.append(plural(noun) + "s")
        return [("plural", form) for form in wrong if form != plural(noun)]

    def slot_num(self, noun_class: str, index: str) -> list[Token]:
        """`three books`, `many old books`."""
        noun = self._noun(noun_class)
        words_before = [self.rng.choice(words(fw.NUMBERS) if self.rng.random() < 0.6 else fw.QUANTIFIERS)]
        if self.rng.random() < 0.2:
            words_before.append(self._adjective_for(noun_class))
        singular_is_wrong = words_before[0] not in ("some",)
        mistakes = self._plural_mistakes(noun, singular_is_wrong)
        return [*map(Token, words_before), Token(plural(noun), mistakes, raised=True)]

    def slot_U(self, noun_class: str, index: str) -> list[Token]:
        """An uncountable noun; learners give it a plural or an article."""
        noun = self.lexicon.uncountable(self.rng, noun_class)
        mistakes: Mistakes = []
        if noun in nouns.NEVER_PLURAL:
            mistakes = [("plural", plural(noun))]
        wrong_article: Mistakes = [("article", article(noun))] if noun in nouns.NEVER_WITH_A else []
        if noun_class == "sport":
            wrong_article = [("article", "the")]
        return [Token("", wrong_article), Token(noun, mistakes)]

    def slot_amount(self, noun_class: str, index: str) -> list[Token]:
        """An uncountable noun behind a word such as `some`."""
        return self.slot_U(noun_class, index)[1:]

    def slot_quantity(self, argument: str, index: str) -> list[Token]:
        """How much of something that cannot be counted."""
        choice = self.rng.choice(fw.UNCOUNTABLE_QUANTIFIERS)
        return [Token(choice, [("plural", "many")] if choice == "a lot of" else [])]

    def slot_NP(self, noun_class: str, index: str) -> list[Token]:
        """An object of a class: `a bag`, `three bags`, `her bag`, `some rice`."""
        if noun_class == "person":
            return self.slot_who("", "")
        if noun_class in ("sport", "subject", "language", "music", "activity"):
            return getattr(self, f"slot_{'U' if noun_class != 'language' else 'language'}")(noun_class, "")
        if noun_class in nouns.UNCOUNTABLE:
            kind = self.rng.choice(("bare", "some"))
            before = self.slot_quantity("", "") if kind == "some" else []
            noun = self.slot_U(noun_class, "")
            return [*before, *(noun[1:] if before else noun)]
        kind = self.rng.choices(("a", "num", "poss", "the"), (5, 3, 2, 2))[0]
        if kind == "poss":
            return [*self.slot_poss("", ""), *self.slot_bare(noun_class, "")]
        if kind == "the":
            return [Token("the"), *self.slot_bare(noun_class, "")]
        return getattr(self, f"slot_{kind}")(noun_class, "")

    # -- small classes -----------------------------------------------------------------------------------------------

    def _choice(self, text: str) -> list[Token]:
        return [Token(self.rng.choice(words(text)))]

    def slot_instrument(self, argument: str, index: str) -> list[Token]:
        return self._choice(nouns.INSTRUMENTS)

    def slot_fear(self, argument: str, index: str) -> list[Token]:
        return self._choice(nouns.FEARS)

    def slot_bodypart(self, argument: str, index: str) -> list[Token]:
        return self._choice(fw.BODY_PARTS)

    def slot_meal(self, argument: str, index: str) -> list[Token]:
        return [Token("", [("article", "a"), ("article", "the")]), *self._choice(fw.MEALS)]

    def slot_transport(self, argument: str, index: str) -> list[Token]:
        return self._choice(fw.TRANSPORT)

    def slot_colour(self, argument: str, index: str) -> list[Token]:
        return self._choice(fw.COLOURS)

    def slot_material(self, argument: str, index: str) -> list[Token]:
        return self._choice(fw.MATERIALS)

    def slot_manner(self, argument: str, index: str) -> list[Token]:
        return [Token(self.rng.choice(words(fw.MANNER)))]

    def slot_freq(self, argument: str, index: str) -> list[Token]:
        return [Token(self.rng.choice(fw.FREQUENCY))]

    def slot_country(self, argument: str, index: str) -> list[Token]:
        return [Token("", [("article", "the")]), Token(self.lexicon.name(self.rng, "country"))]

    def slot_city(self, argument: str, index: str) -> list[Token]:
        return [Token(self.lexicon.name(self.rng, "city"))]

    def slot_language(self, argument: str, index: str) -> list[Token]:
        return [Token("", [("article", "the")]), Token(self.lexicon.name(self.rng, "language"))]

    def slot_subject(self, argument: str, index: str) -> list[Token]:
        return self.slot_U("subject", "")

    def slot_day(self, argument: str, index: str) -> list[Token]:
        return self._choice(names.DAYS)

    def slot_month(self, argument: str, index: str) -> list[Token]:
        return self._choice(names.MONTHS)

    def slot_year(self, argument: str, index: str) -> list[Token]:
        return [Token(str(self.rng.randint(1950, 2024)))]

    def slot_number(self, argument: str, index: str) -> list[Token]:
        return self._choice(fw.NUMBERS)

    def slot_age(self, argument: str, index: str) -> list[Token]:
        return [Token(str(self.rng.randint(5, 95)))]

    def slot_clock(self, argument: str, index: str) -> list[Token]:
        hour = self.rng.randint(1, 12)
        spelled = self.rng.choice(("one two three four five six seven eight nine ten eleven twelve".split()))
        return [Token(self.rng.choice((f"{spelled} o'clock", spelled, f"{hour}:{self.rng.choice(('00', '15', '30', '45'))}",
                                       f"half past {spelled}")))]

    def slot_T(self, tense: str, index: str) -> list[Token]:
        """A phrase of time of the given tense."""
        return self._pieces(self.rng.choice(fw.TIMES[tense]))

    def slot_toplace(self, argument: str, index: str) -> list[Token]:
        return self._pieces(self.rng.choice(fw.TO_PLACES))

    def slot_at(self, argument: str, index: str) -> list[Token]:
        return self._pieces(self.rng.choice(fw.AT_PLACES))

    def slot_place(self, argument: str, index: str) -> list[Token]:
        if argument == "phrase":
            return self._pieces(self.rng.choice(fw.PLACE_PHRASES))
        return self.slot_bare("place", "")

    def slot_room(self, argument: str, index: str) -> list[Token]:
        return self.slot_bare("room", "")

    # -- adjectives --------------------------------------------------------------------------------------------------

    def slot_adj(self, group: str, index: str) -> list[Token]:
        return [Token(self.lexicon.adjective(self.rng, group))]

    def slot_adjprep(self, argument: str, index: str) -> list[Token]:
        """`interested in music`, `married to him`."""
        return self._pieces(self.rng.choice(fw.ADJECTIVE_PREPOSITIONS))

    def _gradable(self, group: str) -> str:
        suitable = [word for word in ADJECTIVES[group] if word in ADJECTIVES["gradable"]]
        return self.lexicon.pick(self.rng, suitable, "adjective")

    def slot_comp(self, group: str, index: str) -> list[Token]:
        """A comparative: `more tall`, `more taller`, `famouser` and plain `tall` are mistakes."""
        base = self._gradable(group)
        if is_long(base):
            wrong = [base, base, f"most {base}", degree(base, "er")]
        else:
            wrong = [base, f"more {base}", f"more {base}", f"more {comparative(base)}"]
            if base in adjectives.IRREGULAR:
                wrong.append(degree(base, "er"))
        return [Token(comparative(base), [("comparative", form) for form in wrong])]

    def slot_sup(self, group: str, index: str) -> list[Token]:
        """`the tallest`, `the most famous`."""
        base = self._gradable(group)
        if is_long(base):
            wrong = [f"more {base}", degree(base, "est"), f"more {base}"]
        else:
            wrong = [f"most {base}", f"most {base}", f"most {superlative(base)}", comparative(base)]
            if base in adjectives.IRREGULAR:
                wrong.append(degree(base, "est"))
        return [Token("the", [("article", "")]), Token(superlative(base), [("comparative", form) for form in wrong])]

    def slot_equal(self, group: str, index: str) -> list[Token]:
        """`as tall as`."""
        base = self._gradable(group)
        return [Token("as"), Token(base, [("comparative", comparative(base))]),
                Token("as", [("comparative", "than"), ("comparative", "like")])]

    def slot_acomp(self, argument: str, index: str) -> list[Token]:
        """`a bigger`, `an older`: before a noun."""
        comparison = self.slot_comp("thing", "")
        right = article(comparison[0].text)
        return [Token(right, [("article", "")]), *comparison]

    def slot_than(self, argument: str, index: str) -> list[Token]:
        """Whom somebody is compared with; "than I" and "than me" are both in use, so the pronoun has no mistake."""
        return [replace(token, mistakes=[]) if token.text in ("me", "him", "us", "them") else token
                for token in self.slot_who("", "")]

    def slot_possown(self, argument: str, index: str) -> list[Token]:
        """`mine`, `yours`; *my, *your."""
        wrong, right = self.rng.choice((("my", "mine"), ("your", "yours"), ("her", "hers"), ("our", "ours"),
                                        ("their", "theirs")))
        return [Token(right, [("pronoun", wrong)])]

    # -- verbs -------------------------------------------------------------------------------------------------------

    def slot_V(self, form: str, index: str) -> list[Token]:
        """A verb of any meaning in a form, with its complement."""
        verb = self.lexicon.verb(self.rng, _SUITABLE["cont" if "cont" in form else "habit" if self.habit else "any"])
        complement = self.rng.choice(verb.complements)
        self.object_is_bare = complement in NOUNS
        tail = self._pieces(PATTERNS[complement]) if complement in PATTERNS else self.slot_NP(complement, "")
        return [*self._verb(verb, form, self.subjects.get(index)), *tail]

    def slot_v(self, argument: str, index: str) -> list[Token]:
        """`{v=like:pres}`: a given verb alone."""
        base, form = argument.split(":")
        return self._verb(VERBS[base], form, self.subjects.get(index))

    def _verb(self, verb: Verb, form: str, subject: Subject | None) -> list[Token]:
        text, mistakes = getattr(self, f"form_{form}")(verb, subject)
        return [Token(text, [(error, wrong) for error, wrong in mistakes if wrong != text])]

    def _agreeing(self, verb: Verb, subject: Subject) -> str:
        return verb.third if subject.third_singular else verb.base

    def form_pres(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`plays`; *play, *is plays, *is play."""
        right = self._agreeing(verb, subject)
        be = subject.be()
        mistakes: Mistakes = [("auxiliary", f"{be} {right}"), ("auxiliary", f"{be} {verb.base}")] if self.habit else []
        if subject.third_singular:
            if verb.base != verb.past:
                mistakes += [("agreement", verb.base)] * 3
        else:
            mistakes += [("agreement", verb.third)] * 3
        return right, mistakes

    def form_past(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`went`; *goed, *did went, *was went, and with a past time *goes, *has gone, *will go."""
        mistakes: Mistakes = [("auxiliary", f"did {verb.past}"), ("auxiliary", f"{subject.be(True)} {verb.past}")]
        if not verb.regular:
            mistakes.append(("tense", regular_past(verb.base)))
        if "past" in self.times:
            present = self._agreeing(verb, subject)
            have = "has" if subject.third_singular else "have"
            mistakes += [("tense", present)] * 3 + [("tense", f"{have} {verb.participle}"), ("tense", f"will {verb.base}"),
                                                    ("tense", verb.base)]
        return verb.past, mistakes

    def form_fut(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`will play`; *will plays, *will to play, *will playing, and with a future time *played."""
        mistakes: Mistakes = [("auxiliary", f"will {wrong}") for wrong in (verb.third, f"to {verb.base}", verb.ing)]
        if "fut" in self.times and verb.past != verb.base:
            mistakes += [("tense", verb.past)] * 3 + [("tense", f"will {verb.past}")]
        return f"will {verb.base}", mistakes

    def form_futneg(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        return f"won't {verb.base}", [("auxiliary", f"won't {wrong}") for wrong in (verb.third, f"to {verb.base}")]

    def form_going(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`is going to play`; *going to play, *are going to play, *is going play."""
        right = f"{subject.be()} going to {verb.base}"
        mistakes: Mistakes = [("auxiliary", f"going to {verb.base}"), ("auxiliary", f"{subject.be()} going to {verb.third}")]
        mistakes += [("agreement", f"{wrong} going to {verb.base}") for wrong in _be_mistakes(subject, False)]
        return right, mistakes

    def form_cont(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`is playing`; *playing, *is play, *are playing, and with `now` *plays."""
        mistakes: Mistakes = [("auxiliary", verb.ing), ("auxiliary", verb.ing), ("auxiliary", f"{subject.be()} {verb.base}")]
        mistakes += [("agreement", f"{wrong} {verb.ing}") for wrong in _be_mistakes(subject, False)]
        if "now" in self.times:
            mistakes += [("tense", self._agreeing(verb, subject))] * 2
            mistakes += [("tense", f"{subject.be(True)} {verb.ing}")]
        return f"{subject.be()} {verb.ing}", mistakes

    def form_pastcont(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`was playing`; *were playing, *was play, *was played; *is playing beside a past clause."""
        right = f"{subject.be(True)} {verb.ing}"
        mistakes: Mistakes = [("agreement", f"{wrong} {verb.ing}") for wrong in _be_mistakes(subject, True)] * 2
        mistakes += [("auxiliary", f"{subject.be(True)} {verb.base}"), ("auxiliary", verb.ing)]
        mistakes.append(("tense", f"{subject.be()} {verb.ing}"))
        return right, mistakes

    def form_perf(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`has eaten`; *have eaten, *has ate, *has eat, *eaten, and with `since` *eats."""
        have, other = ("has", "have") if subject.third_singular else ("have", "has")
        mistakes: Mistakes = [("agreement", f"{other} {verb.participle}")] * 2
        if verb.participle != verb.past:
            mistakes += [("auxiliary", verb.participle), ("auxiliary", f"{have} {verb.past}")]
        if verb.base != verb.participle:
            mistakes.append(("auxiliary", f"{have} {verb.base}"))
        if "since" in self.times:
            mistakes += [("tense", self._agreeing(verb, subject))] * 2 + [("tense", f"{subject.be()} {verb.ing}")]
        return f"{have} {verb.participle}", mistakes

    def form_neg(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`doesn't play`; *don't play, *doesn't plays, *not play."""
        do, other = ("does", "do") if subject.third_singular else ("do", "does")
        nt = self.rng.choice(("n't", "n't", " not"))
        mistakes: Mistakes = [("agreement", f"{other}{nt} {verb.base}")] * 2
        mistakes.append(("auxiliary", f"{do}{nt} {verb.third if do == 'does' else verb.ing}"))
        if nt == "n't":
            mistakes += [("auxiliary", f"not {verb.base}"), ("punctuation", f"{do}nt {verb.base}")]
        return f"{do}{nt} {verb.base}", mistakes

    def form_pastneg(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`didn't play`; *didn't played, and with a past time *doesn't play."""
        nt = self.rng.choice(("n't", "n't", " not"))
        mistakes: Mistakes = [("auxiliary", f"did{nt} {verb.past}")] * 2
        if "past" in self.times:
            do = "does" if subject.third_singular else "do"
            mistakes += [("tense", f"{do}{nt} {verb.base}")] * 2
        if nt == "n't":
            mistakes.append(("punctuation", f"didnt {verb.base}"))
        return f"did{nt} {verb.base}", mistakes

    def form_modal(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """`can play`; *can plays, *can to play, *is can play."""
        modal = self.rng.choice(fw.MODALS)
        wrong = [f"{modal} {verb.third}", f"{modal} to {verb.base}", f"{modal} {verb.ing}", f"{subject.be()} {modal} {verb.base}"]
        return f"{modal} {verb.base}", [("auxiliary", form) for form in wrong]

    def form_modalneg(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        modal = self.rng.choice(("can't", "shouldn't", "couldn't", "mustn't"))
        return f"{modal} {verb.base}", [("auxiliary", f"{modal} {wrong}") for wrong in (f"to {verb.base}", verb.third)]

    def form_base(self, verb: Verb, subject: Subject | None) -> tuple[str, Mistakes]:
        return verb.base, []

    def form_ing(self, verb: Verb, subject: Subject | None) -> tuple[str, Mistakes]:
        return verb.ing, []

    def form_asked(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        """The verb after do or does in a question; *Does she plays."""
        return verb.base, [("auxiliary", verb.third if subject.third_singular else verb.ing)]

    def form_askedpast(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        return verb.base, [("auxiliary", verb.past)]

    def form_askedmodal(self, verb: Verb, subject: Subject) -> tuple[str, Mistakes]:
        return verb.base, [("auxiliary", f"to {verb.base}"), ("auxiliary", verb.third)]

    def slot_be(self, tense: str, index: str) -> list[Token]:
        """`is`, `was`, `will be`: wrong person, missing, doubled, wrong tense."""
        subject = self.subjects[index]
        if tense == "fut":
            return [Token("will be", [("auxiliary", "will"), ("auxiliary", f"will {subject.be()}")]
                          + ([("tense", subject.be(True))] if "fut" in self.times else []))]
        past = tense == "past"
        right = subject.be(past)
        mistakes: Mistakes = [("agreement", wrong) for wrong in _be_mistakes(subject, past)]
        mistakes.append(("auxiliary", f"{right} {right}"))
        if past and "past" in self.times:
            mistakes += [("tense", subject.be())] * 2
        if not past and tense != "asked":
            mistakes += [("auxiliary", "")] * 2
        return [Token(right, mistakes)]

    def slot_beneg(self, tense: str, index: str) -> list[Token]:
        """`isn't`, `are not`, `wasn't`."""
        subject, past = self.subjects[index], tense == "past"
        be = subject.be(past)
        nt = " not" if be == "am" else self.rng.choice((" not", "n't"))
        mistakes = [("agreement", f"{wrong}{nt}") for wrong in _be_mistakes(subject, past) if wrong != "am" or nt == " not"]
        if past and "past" in self.times:
            mistakes.append(("tense", f"{subject.be()} not" if nt == " not" or subject.be() == "am" else f"{subject.be()}n't"))
            if subject.be() == "am" and nt != " not":
                mistakes.pop()
        if nt == "n't":
            mistakes.append(("punctuation", f"{be}nt"))
        return [Token(f"{be}{nt}", mistakes)]

    def slot_do(self, argument: str, index: str) -> list[Token]:
        """`do` or `does` before the subject of a question; after a question word it may be missing."""
        right, wrong = ("does", "do") if self.subjects[index].third_singular else ("do", "does")
        mistakes: Mistakes = [("agreement", wrong)] * 2
        if argument == "wh":
            mistakes += [("auxiliary", "")] * 2 + [("auxiliary", self.subjects[index].be())]
        return [Token(right, mistakes)]

    def slot_did(self, argument: str, index: str) -> list[Token]:
        present = "does" if self.subjects[index].third_singular else "do"
        mistakes: Mistakes = [("tense", present)] * 2 if "past" in self.times else []
        if argument == "wh" and "past" in self.times:
            mistakes.append(("auxiliary", ""))
        return [Token("did", mistakes)]

    def slot_haveaux(self, argument: str, index: str) -> list[Token]:
        right, wrong = ("has", "have") if self.subjects[index].third_singular else ("have", "has")
        return [Token(right, [("agreement", wrong)])]

    def form_participle(self, verb: Verb, subject: Subject | None) -> tuple[str, Mistakes]:
        wrong = [form for form in (verb.past, verb.base) if form != verb.participle]
        return verb.participle, [("auxiliary", form) for form in wrong]

    def slot_there(self, argument: str, index: str) -> list[Token]:
        """`There is a bag`, `There were three bags`: agreement with what follows."""
        past = "past" in self.times
        if argument == "one":
            right, wrong = ("was", "were") if past else ("is", "are")
            tail = self.slot_a(self.rng.choice(("thing", "animal", "building", "person")), "")
        elif argument == "some":
            right, wrong = ("was", "were") if past else ("is", "are")
            tail = [Token(self.rng.choice(("some", "a lot of"))), self.slot_U(self.rng.choice(("foodU", "drink")), "")[1]]
        else:
            right, wrong = ("were", "was") if past else ("are", "is")
            tail = self.slot_num(self.rng.choice(("thing", "animal", "building", "person", "food")), "")
        mistakes: Mistakes = [("agreement", wrong)] * 2
        mistakes += [("tense", {"was": "is", "were": "are"}[right])] if past else [("auxiliary", "")]
        return [Token("there"), Token(right, mistakes), *tail]

    def slot_thisis(self, argument: str, index: str) -> list[Token]:
        """`this is a bag`, `these are bags`."""
        noun_class = self.rng.choice(("thing", "animal", "food", "building", "clothes"))
        if self.rng.random() < 0.5:
            return [Token(self.rng.choice(("this", "that", "it"))), Token("is", [("agreement", "are"), ("auxiliary", "")]),
                    *self.slot_a(noun_class, "")]
        first, wrong = self.rng.choice((("these", "this"), ("those", "that")))
        return [Token(first, [("plural", wrong)]), Token("are", [("agreement", "is"), ("auxiliary", "")]),
                *self.slot_poss("", ""), *self.slot_pls(noun_class, "")]


_FREE = [verb for verb in VERBS.values() if "only_in_frames" not in verb.complements]
_SUITABLE: dict[str, list[Verb]] = {
    "any": _FREE,
    "cont": [verb for verb in _FREE if verb.base not in STATIVE],
    "habit": [verb for verb in _FREE if verb.base not in ONCE],
}
