"""What is the effect, and how sure are we? Begin with `means`: `welch`, and the interval that belongs to
it.
"""
