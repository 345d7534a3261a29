"""Adjectives. `SHORT` ones compare with -er/-est, `LONG` ones with more/most, `IRREGULAR` ones by table."""

SHORT = """
    tall short old young big small fast slow strong weak rich poor kind nice cheap clean dirty dark light long warm
    cold hot cool hard soft high low loud quiet bright happy easy busy heavy funny pretty healthy hungry thirsty
    lucky angry noisy friendly lazy dry wet fat thin deep wide narrow new clever simple safe brave calm fresh great
    late early large neat proud rude smart sweet tidy wise ugly silly lonely sunny windy cloudy rainy messy sleepy
    sharp smooth rough steep tough thick tiny plain shy crazy scary shiny salty spicy tasty crispy dusty greedy
    juicy mild
"""

LONG = """
    beautiful interesting important difficult dangerous expensive comfortable famous popular modern boring careful
    careless useful exciting tired intelligent delicious patient polite honest generous serious nervous curious
    helpful cheerful crowded relaxing amazing attractive ambitious colourful confident convenient creative
    energetic fashionable independent peaceful powerful romantic successful talented traditional unusual valuable
    wonderful elegant efficient enjoyable fascinating harmful impressive original practical realistic reliable
    sensible stressful surprising spacious
"""

IRREGULAR: dict[str, tuple[str, str]] = {
    "good": ("better", "best"), "bad": ("worse", "worst"), "far": ("farther", "farthest"),
}

# What each group may describe, so that a sentence is plausible as well as grammatical.
FOR_PEOPLE = """
    tall short old young big small fast slow strong weak rich poor kind nice clever brave calm proud rude smart wise
    silly lonely lazy friendly funny pretty happy angry busy healthy hungry thirsty lucky noisy quiet shy crazy greedy
    beautiful interesting important famous popular careful careless intelligent patient polite honest generous
    serious nervous curious helpful cheerful ambitious attractive confident creative energetic independent romantic
    successful talented reliable sensible realistic elegant tired good bad
"""
FOR_THINGS = """
    old big small nice cheap clean dirty light heavy long short new great large fast bright ugly simple safe pretty
    tiny strange shiny plain tough neat smooth rough dusty beautiful interesting important expensive comfortable
    modern useful unusual valuable wonderful elegant attractive colourful fashionable practical original good bad
    traditional reliable impressive convenient red blue green black white yellow brown grey pink purple orange
    wooden plastic broken lovely empty
"""
FOR_PLACES = """
    old big small nice clean dirty quiet noisy busy new large dark bright warm cold cheap safe tidy messy modern
    beautiful interesting famous popular dangerous expensive comfortable crowded peaceful impressive spacious
    wonderful exciting boring traditional lovely
"""
FOR_ANIMALS = "old young big small fast slow strong fat thin brown black white grey clever lazy friendly hungry beautiful dangerous tiny shy brave funny noisy"
FOR_FOOD = "fresh cold hot sweet cheap good bad delicious expensive tasty spicy salty crispy juicy nice wonderful"
FOR_EVENTS = "long short difficult easy boring interesting important exciting great useful stressful enjoyable good bad nice wonderful relaxing successful"
FOR_WEATHER = "sunny windy cloudy rainy cold hot warm wet dry cool mild"
FEELINGS = """
    happy tired hungry thirsty angry busy nervous lonely proud calm sleepy healthy lucky worried excited bored sad ill
    late ready surprised afraid relaxed upset
"""
