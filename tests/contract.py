"""The contract of a second-edition notebook with its reader: one function a rule, each returns the faults it
found.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "notebooks"
WORDS, CELLS, LINES = (1_200, 2_200), (40, 60), 8
PARTS = (
    "The story",
    "Exercises",
    "Your own table",
    "The decision",
    "Take-aways",
    "Going further",
    "References",
)
CALLS = (
    "teach.start",
    "teach.quiz",
    "teach.predict",
    "teach.reveal",
    "exercise",
    "teach.decision",
    "teach.finish",
)
PLUMBING = re.compile(r"\b(assert|match|checked|show|alt|fig)\b|\bax\.|\bplt\.|^\s*(import|from)\s")
NAME = re.compile(r"\bab\.((?:teach\.|plots\.|explore\.|datasets\.)?[A-Za-z_]\w*)")
PLANNED = r"(?!\d)[^.\n]{0,60}?\(planned\)"


def headings(notebook):
    """Return (cell number, level, text) of every heading; code blocks inside markdown do not count."""
    found = []
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            found += [(i, len(m[1]), m[2]) for m in re.finditer(r"^(#{1,6}) (.+)", text, re.MULTILINE)]
    return found


def core(notebook):
    """Return the cells without the part "Going further", which reaches to the next heading of level 2."""
    tops = [(i, text) for i, level, text in headings(notebook) if level == 2]
    start = next((i for i, text in tops if text.startswith("Going further")), len(notebook.cells))
    end = next((i for i, _ in tops if i > start), len(notebook.cells))
    return [cell for i, cell in enumerate(notebook.cells) if not start <= i < end]


def is_hidden(cell):
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def code(cells):
    """Return the sources of the code cells whose input is seen."""
    return [c.source for c in cells if c.cell_type == "code" and not is_hidden(c)]


def lines_of(source):
    return [s for s in source.splitlines() if s.strip() and not s.lstrip().startswith("#")]


def calls_of(notebook, name):
    """Return (cell number, first argument, call) of every `ab.name(…)`; the argument is None where it is no
    text.
    """
    found = []
    for i, cell in enumerate(notebook.cells):
        for node in ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"ab.{name}":
                first = node.args[0] if node.args else None
                found.append((i, first.value if isinstance(first, ast.Constant) else None, node))
    return found


def outputs_of(cell):
    texts = (o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.get("outputs", []))
    return "".join("".join(t) for t in texts)


def words(cells):
    return sum(words_of(c.source) for c in cells if c.cell_type == "markdown")


def words_of(text):
    """Count words; the line of links to the neighbours, which the builder writes, does not count."""
    return len(re.sub(r"^(Previous|Next): .*$", "", text, flags=re.MULTILINE).split())


def budget_faults(notebook):
    """The core, all but "Going further": 1,200 to 2,200 words and 40 to 60 cells."""
    cells = core(notebook)
    found = [f"{words(cells)} words in the core"] if not WORDS[0] <= words(cells) <= WORDS[1] else []
    return found + ([f"{len(cells)} cells in the core"] if not CELLS[0] <= len(cells) <= CELLS[1] else [])


def part_faults(notebook):
    """The parts that a reader looks for stand in the order of the template."""
    tops = [text for _, level, text in headings(notebook) if level == 2]
    places = [next((i for i, t in enumerate(tops) if t.startswith(part)), None) for part in PARTS]
    found = [f"no heading '## {part} …'" for part, place in zip(PARTS, places, strict=True) if place is None]
    known = [place for place in places if place is not None]
    found += ["parts are out of order"] if known != sorted(known) else []
    first = [min((i for i, *_ in calls_of(notebook, name)), default=None) for name in CALLS]
    found += [f"no call of ab.{name}" for name, place in zip(CALLS, first, strict=True) if place is None]
    known = [place for place in first if place is not None]
    return found + (["calls are out of order"] if known != sorted(known) else [])


def story_faults(notebook):
    """The story has at most 90 words."""
    places = [(i, text) for i, level, text in headings(notebook) if level == 2]
    start = next((i for i, text in places if text.startswith("The story")), None)
    if start is None:
        return []
    text = notebook.cells[start].source.split("## The story", 1)[1].split("\n", 1)[-1].split("\n## ")[0]
    return [f"a story of {len(text.split())} words"] if len(text.split()) > 90 else []


def link_faults(notebook, number):
    """The first cell links the previous and the next notebook; what does not exist is said to be planned."""
    text = notebook.cells[0].source
    found = []
    for word, wanted in (("Previous", lambda n: n < number), ("Next", lambda n: n > number)):
        if (word, number) in (("Previous", "00"), ("Next", "26")):
            continue
        link = re.search(rf"{word}: \[(\d\d)[^]]*\]\((\d\d_\w+\.ipynb)\)", text)
        planned = re.search(rf"{word}: (\d\d)\b{PLANNED}", text)
        other = link or planned
        if not other or not wanted(other[1]):
            found.append(f"no '{word}: [NN title](NN_stem.ipynb)' in the first cell")
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            found += [f"cell {i}: {f}" for f in pointer_faults(cell.source)]
    return found


def pointer_faults(text):
    """Links lead to files; a notebook that does not exist is named with "(planned)"."""
    targets = re.findall(r"\]\((\w+\.ipynb)\)", text)
    found = [f"a link to {t}, which does not exist" for t in targets if not (FOLDER / t).exists()]
    for m in re.finditer(r"\b[Nn]otebooks? ((?:\d\d(?:, | and | or )?)+)", text):
        for n in re.findall(r"\d\d", m[1]):
            if not list(FOLDER.glob(f"{n}_*.ipynb")) and not re.match(
                r"[^.\n]{0,60}?\(planned\)", text[m.end() :]
            ):
                found.append(f"notebook {n} does not exist and is not '(planned)'")
    return found


def code_faults(notebook):
    """Visible cells: at most eight lines, nothing a newcomer could not have written; few lines are
    plumbing.
    """
    found, total, plumbing = [], 0, 0
    for i, cell in enumerate(core(notebook)):
        if cell.cell_type != "code" or is_hidden(cell):
            continue
        lines = lines_of(cell.source)
        found += [f"code cell {i}: {len(lines)} visible lines"] if len(lines) > LINES else []
        found += [f"code cell {i}: {what}" for what in hard(ast.parse(cell.source))]
        total, plumbing = total + len(lines), plumbing + sum(bool(PLUMBING.search(s)) for s in lines)
    return found + ([f"{plumbing} of {total} visible lines are plumbing"] if plumbing > 0.15 * total else [])


def hard(tree):
    """Return what a newcomer cannot read: nested comprehensions, matrix products, new axes."""
    loops = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, loops):
            inner = any(isinstance(n, loops) for n in ast.walk(node) if n is not node)
            found += ["a nested comprehension"] if inner or len(node.generators) > 1 else []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            found.append("a matrix product")
        if isinstance(node, ast.Subscript) and re.search(r"\bNone\b|newaxis", ast.unparse(node.slice)):
            found.append("a new axis")
    return found


def import_faults(notebook):
    """All imports stand in the set-up cell, with `ab.teach.start`."""
    start = {i for i, *_ in calls_of(notebook, "teach.start")}
    return [
        f"cell {i}: an import outside the set-up cell"
        for i, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and not is_hidden(cell) and i not in start
        if any(isinstance(n, (ast.Import, ast.ImportFrom)) for n in ast.walk(ast.parse(cell.source)))
    ]


def prediction_faults(notebook, module):
    """Three predictions; each is asked without a guess, then revealed, and no heading before that tells
    it.
    """
    items = module.PREDICTIONS
    found = [] if len(items) == 3 else [f"{len(items)} predictions, not 3"]
    asked = {key: (i, node) for i, key, node in calls_of(notebook, "teach.predict")}
    shown = {key: i for i, key, _ in calls_of(notebook, "teach.reveal")}
    for key, item in items.items():
        if key not in asked or key not in shown or asked[key][0] >= shown[key]:
            found.append(f"{key} is not predicted and then revealed")
            continue
        found += [f"{key} starts with a guess"] if len(asked[key][1].args) > 1 else []
        before = [text for i, _, text in headings(notebook) if i <= shown[key]]
        found += [f"a heading gives {key} away: {text}" for text in before if gives_away(text, item)]
    return found


def gives_away(text, item):
    """Say whether a text holds the answer, or a number one step away; a share counts as its per cent."""
    numbers = [
        float(n.replace(",", "")) for n in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?|(?<![\w.])\.\d+", text)
    ]
    scale = (
        (1, 100) if not item.unit or item.unit == "share" or item.unit.startswith(("per", "of 100")) else (1,)
    )
    return any(abs(k * n - item.answer) <= item.step for n in numbers for k in scale)


def exercise_faults(notebook, module):
    """Four exercises, 1 to 3 stars; each is shown from the module, checked and solved, and never copied."""
    items, found = module.EXERCISES, []
    stars = [e.stars for e in items.values()]
    found += [] if stars == [1, 2, 3, 3] else [f"stars {stars}, not 1, 2, 3, 3"]
    prose = " ".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for key, item in items.items():
        for call in ("exercise", "check", "solution"):
            if key not in [k for _, k, _ in calls_of(notebook, call)]:
                found.append(f"no ab.{call}({key!r})")
        found += [f"a copy of the question of {key}"] if item.question[:40] in prose else []
        found += [f"{len(item.hints)} hints of {key}, not 3"] if len(item.hints) != 3 else []
    return found + name_faults(notebook, module)


def name_faults(notebook, module):
    """Every `ab.` name in a hint, message or solution stands in an earlier cell that is seen."""
    found = []
    for i, key, _ in calls_of(notebook, "exercise"):
        if key in module.EXERCISES:
            seen = set(NAME.findall("\n".join(code(notebook.cells[:i]))))
            seen |= set(
                NAME.findall("\n".join(c.source for c in notebook.cells[:i] if c.cell_type == "markdown"))
            )
            wanted = set(NAME.findall(texts(module.EXERCISES[key])))
            found += [f"{key} names ab.{n}, which no earlier cell shows" for n in sorted(wanted - seen)]
    return found


def texts(exercise):
    """Return all that an exercise may say."""
    said = [exercise.question, *exercise.hints, exercise.solution.explanation]
    for check in (
        getattr(exercise.check, "first", exercise.check),
        getattr(exercise.check, "second", exercise.check),
    ):
        why = getattr(check, "why", "")
        said += [*(why.values() if hasattr(why, "values") else [why]), getattr(check, "step", "")]
        said += [message for _, message in getattr(check, "slips", ())]
    return "\n".join(said)


def quiz_faults(notebook, module):
    """Three questions before, three at the end, none answered."""
    keys = [key for _, key, _ in calls_of(notebook, "teach.quiz")]
    found = [] if sorted(keys) == sorted(module.QUIZ) and len(keys) == 6 else ["not six quiz questions"]
    answered = [key for _, key, node in calls_of(notebook, "teach.quiz") if len(node.args) > 1]
    return found + [f"{key} is answered" for key in answered]


def option_faults(options):
    """At least three options, the longest at most 1.3 times the shortest."""
    lengths = sorted(map(len, options.values()))
    found = [] if len(lengths) >= 3 else [f"{len(lengths)} options"]
    return found + (
        [f"options of {lengths[0]} to {lengths[-1]} letters"] if lengths[-1] > 1.3 * lengths[0] else []
    )


def memo_faults(notebook):
    """The memo comes empty, knows what the rule gives, and says "not decided yet"."""
    found = []
    for i, _, node in calls_of(notebook, "teach.decision"):
        given = {k.arg: k.value for k in node.keywords}
        for name in ("choice", "change"):
            if name in given and getattr(given[name], "value", None) != "":
                found.append(f"the memo comes with a {name}")
        found += [] if "by_rule" in given else ["the memo does not know what the rule gives"]
        found += [] if "not decided yet" in outputs_of(notebook.cells[i]) else ["the memo is decided"]
    return found


def term_faults(notebook):
    """At most eight terms in bold in the core; the objectives do not count."""
    prose = [c.source for c in core(notebook)[2:] if c.cell_type == "markdown"]
    terms = [t for text in prose for t in re.findall(r"\*\*([^*]+)\*\*", text)]
    return [f"{len(terms)} terms in bold: {terms}"] if len(terms) > 8 else []


def reference_faults(notebook):
    """References carry a DOI; one cell compares all numbers with published ones."""
    last = [i for i, _, text in headings(notebook) if text.startswith("References")]
    found = [] if last and "DOI 10." in notebook.cells[last[-1]].source else ["references without a DOI"]
    checked = len(calls_of(notebook, "teach.checked"))
    found += [f"{checked} cells with ab.teach.checked, not 1"] if checked != 1 else []
    return found + (["ab.teach.match: use ab.teach.checked"] if calls_of(notebook, "teach.match") else [])


def contract_faults(notebook, module, number):
    """Return one text for each rule of the second edition that a notebook breaks."""
    rules = [budget_faults, part_faults, story_faults, code_faults, import_faults, memo_faults, term_faults]
    found = [fault for rule in [*rules, reference_faults] for fault in rule(notebook)]
    if not hasattr(module, "PREDICTIONS"):
        return [*found, "no PREDICTIONS in the exercises module"]
    found += [f for rule in (prediction_faults, exercise_faults, quiz_faults) for f in rule(notebook, module)]
    for key, options in options_of(module).items():
        found += [f"{key}: {fault}" for fault in option_faults(options)]
    return found + link_faults(notebook, number)


def options_of(module):
    """Return the options of every quiz question and of every exercise with letters, by key."""
    found = {key: quiz.options for key, quiz in module.QUIZ.items()}
    for key, exercise in module.EXERCISES.items():
        check = getattr(exercise.check, "first", exercise.check)
        if hasattr(check, "options"):
            found[key] = check.options
    return found


def rights_of(module):
    """Return (right letter, options) of every question with letters."""
    rights = {key: quiz.right for key, quiz in module.QUIZ.items()}
    for key, exercise in module.EXERCISES.items():
        check = getattr(exercise.check, "first", exercise.check)
        rights |= {key: check.right} if hasattr(check, "options") else {}
    return [(rights[key], options) for key, options in options_of(module).items()]


def spread_faults(pairs):
    """Over the series a, b and c are each right in 20 to 45 per cent; the right one is the longest in at most
    40.
    """
    if not pairs:
        return []
    shares = {letter: sum(right == letter for right, _ in pairs) / len(pairs) for letter in "abc"}
    found = [
        f"{letter} is right in {share:.0%}" for letter, share in shares.items() if not 0.2 <= share <= 0.45
    ]
    longest = sum(
        all(len(options[right]) > len(v) for k, v in options.items() if k != right)
        for right, options in pairs
    )
    return found + (
        [f"the right one is the longest in {longest} of {len(pairs)}"] if longest > 0.4 * len(pairs) else []
    )
