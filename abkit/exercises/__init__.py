"""Which questions does a notebook ask, and what does an answer deserve?

The questions of notebook NN live in `nbNN.py`, which holds `EXERCISES`, `QUIZ` and `PREDICTIONS`. Open
`questions.py` first: it says what each holds. `checks.py` judges an answer, `answers.py` reads it as people
type it, and `asking.py` has the calls that a notebook makes.
"""
