"""Every exercise of every notebook: the published solution passes, each wrong answer names its
misconception.
"""

from fractions import Fraction

import numpy as np
import pytest

import abkit as ab
from abkit.exercises import answers, asking
from abkit.exercises.cards import Card
from abkit.exercises.checks import Both, Choice, Near

EXERCISES = [e for n in asking.notebooks() for e in asking.module(n).EXERCISES.items()]
QUIZ = [q for n in asking.notebooks() for q in asking.module(n).QUIZ.items()]
WRONG = [(e, value, part) for _, e in EXERCISES for value, part in e.wrong]


@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_the_published_solution_is_right(key, exercise):
    assert exercise.key == key
    outcome = exercise.check(exercise.solution.answer)
    assert outcome.kind == "right" and outcome.message
    assert repr(ab.check(key, exercise.solution.answer)) == repr(outcome) == f"right: {outcome.message}"


@pytest.mark.parametrize(
    "exercise, value, part", WRONG, ids=[f"{e.key}-{i}" for i, (e, _, _) in enumerate(WRONG)]
)
def test_a_wrong_answer_is_named(exercise, value, part):
    shown = repr(ab.check(exercise.key, value))
    assert shown.startswith("not yet: ")
    assert part in shown


@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_an_exercise_is_complete(key, exercise):
    assert exercise.stars in (1, 2, 3)
    assert len(exercise.wrong) >= 2
    assert exercise.hints and exercise.solution.explanation
    assert repr(ab.check(key)) == repr(ab.check(key, None)) == "not attempted"
    for card in (ab.hint(key), ab.solution(key)):
        assert card._repr_html_().startswith("<details><summary>")
        assert "<details open" not in card._repr_html_()


@pytest.mark.parametrize("key, quiz", QUIZ, ids=[k for k, _ in QUIZ])
def test_a_quiz_question_explains_every_option(key, quiz):
    assert quiz.key == key
    assert quiz.right in quiz.options
    assert set(quiz.why) == set(quiz.options)
    assert len(quiz.options) >= 2


class Hostile:
    """Raises whatever it is asked."""

    def refuse(self, *args, **kwargs):
        raise RuntimeError("no")

    __float__ = __array__ = __str__ = __repr__ = __iter__ = __len__ = __eq__ = __bool__ = refuse
    __hash__ = None


LOOP: list = []
LOOP.append(LOOP)
ODD = [
    Hostile(), {}, [], [1, 2], [[1], [2, 3]], LOOP, "", "text", float("nan"), None, True, -1e300, 10**400,
    1j, b"22",
    (Hostile(), Hostile()), ("b", Hostile()), np.array("x"), Fraction(1, 5), lambda: 1, "1e999", "-", "%",
    "9" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("answer", ODD, ids=range(len(ODD)))
def test_no_answer_raises(answer):
    for key, _ in EXERCISES:
        assert repr(ab.check(key, answer)).startswith(("not attempted", "right: ", "close: ", "not yet: "))
    for key, quiz in QUIZ:
        assert ab.teach.quiz(key, answer).text.startswith(quiz.question)
    ab.teach.predict("07.p9", answer, low=0, high=100, unit="users")


@pytest.mark.parametrize("key", ["00.99", "98.1", "", "nb00", 1.5])
@pytest.mark.parametrize("call", [ab.exercise, ab.check, ab.hint, ab.solution])
def test_an_unknown_key_is_refused(call, key):
    with pytest.raises(ValueError, match="`key` must"):
        call(key)


def half(**more):
    return Near(5.0, 0.1, why="yes", step="go", **more)


def test_the_outcomes_of_a_number_in_order():
    check = half(slips=((50.0, "ten times"),), noise=0.4)
    assert repr(check(5.05)) == "right: yes"
    assert repr(check(5.3)) == "close: Yours is within chance of the exact 5. yes"
    assert repr(check(50.05)) == "not yet: ten times Next step: go"
    assert repr(check(6)) == "not yet: go"
    assert [check(v).ok for v in (5.05, 5.3, 50.05, 6)] == [True, True, False, False]


@pytest.mark.parametrize(
    "unit, answer, typed",
    [
        ("share", 0.2196, [0.2196, "22%", "21.96 %", ".22", "0,22", 22, "22 per cent", "22 percent", 21.96,
            [0.22]]),
        ("per cent", 21.96, ["22%", 22, 0.22, ".22", "about 22%", "22 pct", "22 in 100", "22/100",
            np.float32(21.96)]),
        ("of 100 tests", 14.0, ["14", "14 tests", "14%", "14 of 100", "14 of 100 tests", 0.14,
            "\u00a014\u00a0"]),
        ("percentage points", 1.5, ["1.5", "1.5 points", "1.5 pp", "1.5%", "1.5 percentage points"]),
        ("users", 700.0, ["700 users", "700", 700, "n = 700", "700.0", "7e2", "+700", "700 people"]),
        ("users", 31_234.0, ["31,234", "31 234 users", "31_234", "31,200", 31_000, "31k", "31.2k users"]),
        ("euros a year", -2_400.0, ["-2,400", "\u22122,400 euros", "\u20ac -2400"]),
        ("", 0.3366, [0.34, ".337", 0.3366]),
        ("", 0.0975, [0.098, "0.0975", 0.097]),
        ("share", 0.00096, ["0.096%", 0.00096, "9.6e-4"]),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(unit, answer, typed):
    check = Near(answer, abs(answer) / 1e4, why="yes", step="go", unit=unit)
    assert [check(t).ok for t in typed] == [True] * len(typed), [check(t) for t in typed]


@pytest.mark.parametrize(
    "typed", ["5 to 6", "between 5 and 5", "five", "", "5.1.2", "1 000 0", None, True, [5, 5]]
)
def test_what_is_not_one_number_is_not_right_by_accident(typed):
    assert half()(typed).message == "The answer is one number."


@pytest.mark.parametrize(
    "unit, typed, said",
    [
        ("users", "5%", "That is per cent"),
        ("days", "5 weeks", "That is in weeks"),
        ("minutes", "5 hours", "in hours"),
    ],
)
def test_another_unit_is_named(unit, typed, said):
    assert said in repr(half(unit=unit)(typed)) and not half(unit=unit)(typed).ok


@pytest.mark.parametrize(
    "typed, kind", [(0.2, "not yet"), (0.22, "close"), (0.219, "not yet"), (0.220, "close")]
)
def test_rounding_is_close_from_two_digits_and_cutting_is_not(typed, kind):
    outcome = Near(0.2196, 1e-4, why="yes", step="go", unit="share")(typed)
    assert outcome.kind == kind
    assert ("One digit" in outcome.message) == (typed == 0.2)


def test_a_rounded_slip_is_named_too():
    check = Near(0.2196, 1e-3, why="yes", step="go", slips=((0.5123, "dice"),), unit="share")
    assert [check(v).message for v in (0.5123, "51%", 0.51)] == ["dice"] * 3


def test_a_right_answer_as_the_explanation_rounds_it_is_accepted():
    for key, typed in (("11.1", -0.24), ("11.3", 0.86), ("10.1", 2.024), ("10.4", ("c", 6.1))):
        assert repr(ab.check(key, typed)).startswith(("right: ", "close: ")), key


def test_text_is_escaped_in_html():
    assert Card("<b>")._repr_html_() == "<p>&lt;b&gt;</p>"


@pytest.mark.parametrize("answer", ["b", "B", " b ", "b)", "B).", "b.", "(b)", "b) restart", "b: restart"])
def test_a_letter_is_read_as_people_write_it(answer):
    assert repr(Choice("b", {"a": "no", "b": "yes"})(answer)) == "right: yes"


@pytest.mark.parametrize("answer", ["", ")", "ab", "b restart", None, 2])
def test_what_is_not_one_letter_is_refused(answer):
    found = Choice("b", {"a": "no", "b": "yes"})(answer)
    assert repr(found) == "not yet: Answer with one of the letters a, b."


def test_a_flaw_comes_before_its_size():
    check = Both(Choice("b", {"a": "no", "b": "that"}, step="look"), half(unit="users"))
    assert repr(check(("a", 5))) == "not yet: no Next step: look"
    assert "Now its size" in repr(check("b")) and "Now its size" in repr(check(("b", None)))
    assert repr(check(("b)", "5 users"))) == "right: that yes"
    for text in ("b, 5 users", "b) 5", "b 5.0", '("b", 5)', "b; 5"):
        assert repr(check(text)) == "right: that yes", text
    assert repr(check(["b", 9])) == "not yet: that Next step: go"


def test_hints_come_one_at_a_time_and_start_anew(capsys):
    count = len(asking.find("07.1").hints)
    ab.teach.start("07")
    texts = [ab.hint("07.1").text for _ in range(count + 1)]
    assert [t.count("Hint ") for t in texts] == [*range(1, count + 1), count]
    ab.teach.start("07")
    assert ab.hint("07.1").text == texts[0]


def test_an_exercise_shows_its_question_and_how_to_answer():
    for key, exercise in EXERCISES:
        card = ab.exercise(key)
        assert exercise.question in card.text and f'ab.hint("{key}")' in card.text
        assert "Answer " in card.text and card._repr_html_().startswith("<p><b>Exercise ")


def test_a_value_is_written_in_its_unit():
    assert answers.written(14.02, "of 100 tests") == "14.02 of 100 tests"
