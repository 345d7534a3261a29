"""Closed word classes and set phrases of time, with the mistakes that learners make in them.

Phrases are pieces of frames (see `grammar`): `in/on/at July` is right with `in`, wrong with the others, and `0` is no
word. `{day}`, `{month}` and the like are slots.
"""

NUMBERS = "two three four five six seven eight nine ten eleven twelve twenty thirty"
QUANTIFIERS = ["many", "several", "a few", "some", "a lot of", "lots of"]
UNCOUNTABLE_QUANTIFIERS = ["some", "a lot of", "a little", "lots of"]
FREQUENCY = ["always", "usually", "often", "sometimes", "never", "rarely", "hardly ever"]
MANNER = ["slowly", "quickly", "carefully", "quietly", "happily", "well", "badly", "together", "alone", "again"]
MODALS = ["can", "must", "should", "may", "might", "could"]
BODY_PARTS = "hair hands face feet teeth arms legs"
MEALS = "breakfast lunch dinner"
COLOURS = "red blue green black white yellow brown grey pink purple orange"
TRANSPORT = "bus train car bike plane taxi boat tram ferry ship"
VEGETABLES = "carrot onion bean tomato potato flower rose tulip"
MATERIALS = "wood glass plastic gold paper metal stone silver leather cotton"
TO_PLACES = [
    "school", "work", "bed", "church", "the {place}", "the {place}", "the {place}", "the cinema", "the park",
    "the beach", "the bank", "the doctor", "the supermarket",
]
AT_PLACES = [
    "at/in_the/on home", "at/on school", "at/in work", "in/on/at bed", "at/on the bus stop", "in/on the {room}",
    "in/on the garden", "at/on the station", "in/on/at {country}", "in/on/at {city}", "on/in the beach",
    "on/in the first floor",
]
PLACE_PHRASES = [
    "in/on the park", "at/on home", "in/on {city}", "in/on the {room}", "at/on school", "in/on/at {country}",
    "near/at_near the {place}", "with {who}", "with {who}", "next to/0 the {place}", "at/on the {place}",
]
ADJECTIVE_PREPOSITIONS = [
    "interested in/on/for {U:abstract}", "good at/on {U:sport}", "bad at/on {subject}", "afraid of/from/about {fear}",
    "proud of/from/on {who}", "tired of/from_the {U:activity}", "famous for/by {poss} {pls:idea}",
    "married to/with {who}", "different from/of {who}", "similar to/with {who}", "angry with {who}",
    "worried about/of {the:event}", "excited about/of {the:event}", "ready for/to {the:event}", "full of/with energy",
    "keen on/in/at {U:activity}", "bored with/at {the:event}", "kind to/at {who}", "late for/to {the:event}",
    "responsible for/of {the:event}", "jealous of/from {who}", "crazy about/for {U:music}", "polite to/at {who}",
]

# Phrases by the tense they call for.
TIMES: dict[str, list[str]] = {
    "past": [
        "yesterday", "yesterday", "yesterday morning", "yesterday evening", "last night", "0/in/on/at last week",
        "0/in/at last month", "0/in last year", "0/on/in last {day}", "0/in last summer", "two days ago",
        "{number} years ago", "{number} weeks ago", "an hour ago", "{number} minutes ago", "in/on/at {year}",
        "a/0@article week ago", "a long time ago", "the day before yesterday", "0/in last {month}",
        "when I was a/0@article child", "when I was young",
    ],
    "pres": [
        "every day/days@plural", "every morning/mornings@plural", "every week/weeks@plural", "every year/years@plural",
        "every evening", "every night", "every {day}", "on/in/at {day}s", "on/in/at {day} mornings",
        "in/on/at the/0@article morning", "in/on/at the/0@article afternoon", "in/on/at the/0@article evening",
        "at/in/on night", "at/in the weekend", "once a/0@article week", "twice a/0@article month",
        "{number} times/time@plural a/0@article year", "in/on/at summer", "in/on/at winter", "in/on/at {month}",
        "at/in/on {clock}", "after lunch", "before breakfast", "three times a day",
    ],
    "fut": [
        "tomorrow", "tomorrow", "tomorrow morning", "tomorrow evening", "0/on/in/at next week", "0/in/at next month",
        "0/in next year", "0/on/in next {day}", "0/in next summer", "soon", "in/on/at {number} days",
        "the day after tomorrow", "0/in next {month}", "in the future", "later",
    ],
    "now": ["now", "right now", "at/in/on the/0@article moment", "now", "at/in/on this moment"],
    "since": ["since/for/from {year}", "since/for/from {day}", "since/for last year", "since/for {month}",
              "for/since {number} years/year@plural", "for/since a/0@article long time", "for/since many years",
              "for/since {number} months/month@plural", "for/since {number} weeks", "since/for 2010"],
    "clock": ["at/in/on {clock}", "at/in/on {clock} yesterday"],
}
