"""Where are the notebooks, which come first, and what did this reader do? Open `plan` first.

`plan` lists the series, `copies` keeps the reader's working copy, `progress` remembers, `glossary` reads the
terms, `picture` draws the map.
"""
