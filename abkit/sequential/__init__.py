"""May one look before the end, and what does a look cost? Begin with `plans`: `group_sequential`; the
integral is in `recursion`.
"""
