"""Every exercise of every notebook: the published solution passes, each wrong answer names its misconception."""

import pytest

import abkit as ab
from abkit import exercises

EXERCISES = [e for n in exercises.notebooks() for e in exercises.module(n).EXERCISES.items()]
QUIZ = [q for n in exercises.notebooks() for q in exercises.module(n).QUIZ.items()]
WRONG = [(e, value, part) for _, e in EXERCISES for value, part in e.wrong]


@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_the_published_solution_is_right(key, exercise):
    assert exercise.key == key
    ok, message = exercise.check(exercise.solution.answer)
    assert ok and message
    assert repr(ab.check(key, exercise.solution.answer)) == f"right: {message}"


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


@pytest.mark.parametrize("answer", [object(), {}, [], [1, 2], "", "text", float("nan"), None, True, -1e300])
@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_any_value_gives_one_of_three_outcomes(key, exercise, answer):
    assert repr(ab.check(key, answer)).startswith(("not attempted", "right: ", "not yet: "))


@pytest.mark.parametrize("key", ["00.99", "98.1", "", "nb00", 1.5])
@pytest.mark.parametrize("call", [ab.check, ab.hint, ab.solution])
def test_an_unknown_key_is_refused(call, key):
    with pytest.raises(ValueError, match="`key` must"):
        call(key)


def test_a_slip_within_tolerance_of_its_value_is_named():
    check = exercises.near(5.0, 0.1, why="yes", slips=((50.0, "per cent"),), other="no")
    assert [check(v) for v in (5.05, 50.05, 6)] == [(True, "yes"), (False, "per cent"), (False, "no")]


@pytest.mark.parametrize(
    "answer, typed, named",
    [
        (0.2196, 22, True),
        (0.2196, 21.96, True),
        (0.2196, 25, False),
        (0.0106, 1.06, True),
        (0.0106, 1, False),
        (0.0106, 0.01, False),
        (1.5, 150, False),
        (5.0, 500, False),
    ],
)
def test_a_share_in_per_cent_is_named(answer, typed, named):
    ok, message = exercises.near(answer, 1e-4, why="yes", other="no")(typed)
    assert not ok and ("per cent" in message) == named
    assert exercises.near(answer, 1e-4, why="yes", other="no", share=False)(typed) == (False, "no")


def test_a_right_answer_as_the_explanation_rounds_it_is_right():
    for key, typed in (
        ("11.1", 1.39),
        ("11.3", 0.86),
        ("10.1", 2.024),
        ("10.4", 0.061),
        ("07.1", 0.22),
        ("07.3", 0.0106),
    ):
        assert repr(ab.check(key, typed)).startswith("right: "), key


def test_text_is_escaped_in_html():
    assert exercises.Card("<b>")._repr_html_() == "<p>&lt;b&gt;</p>"


@pytest.mark.parametrize("value", [True, "1", [1, 2], float("inf"), object()])
def test_what_is_not_a_number_is_not_right_by_accident(value):
    assert exercises.near(1.0, 0.1, why="yes", other="no")(value) == (False, "The answer is one number.")


@pytest.mark.parametrize("value", [1, 1.0, [1.0]])
def test_a_number_in_any_container_is_read(value):
    assert exercises.near(1.0, 0.1, why="yes", other="no")(value) == (True, "yes")


@pytest.mark.parametrize("answer", ["b", "B", " b ", "b)", "B).", "b."])
def test_a_letter_is_read_as_people_write_it(answer):
    assert exercises.choice("b", {"a": "no", "b": "yes"})(answer) == (True, "yes")


@pytest.mark.parametrize("answer", ["", ")", "ab", "b) restart", None, 2])
def test_what_is_not_one_letter_is_refused(answer):
    assert exercises.choice("b", {"a": "no", "b": "yes"})(answer) == (
        False,
        "Answer with one of the letters a, b.",
    )
