"""The words of the tutor's world: data modules, their inflections, and the `Lexicon` that picks from them."""
