"""How many users, for how long, to see which effect? Begin with `means`: `Plan`, `power` and
`sample_size`.
"""
