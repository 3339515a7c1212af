"""How do the rows of any table or file become sums?

Begin with `reading`: `opened` is the one door for every table and file (`raw`, `delimited`, `json_lines` and
`cells` say what a text file may hold). `reducing` makes the sums, by `blocks` in memory and by `engines`
elsewhere; `units` sums events up to units, `skewness` takes third moments.
"""
