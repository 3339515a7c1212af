"""How do the rows of any table or file become sums? Begin with `reducing`: `reduce_table` and
`arm_counts`.
"""
