"""What was promised before a test, and what happened after it?

`experiments` says what a registered plan holds and `notation` writes it as YAML, for review in git. `store`
keeps plans and their history in SQLite or PostgreSQL; `promises` compares an analysis with the frozen plan;
`meeting` finds experiments that share users; `learning` counts what many tests teach together, and
`scorecard` shows all on one page; `people` is about persons: no id is ever stored here. Open `store.py`
first.
"""
