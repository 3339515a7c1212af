"""What does the report say, and what should be done? Begin with `report`: `analyze`, from a table to a
decision.
"""
