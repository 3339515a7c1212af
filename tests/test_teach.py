"""The calls around the numbers: memory of the kernel, printed lines, figures with alt text."""

import numpy as np
import pytest

from abkit import teach
from abkit.exercises.questions import Prediction
from abkit.plots import style
from abkit.teach.cards import bundle

ALT = "Line chart of effect by day: it rises from 1 to 3 euros and stays there."


def test_start_gives_the_generator_of_the_seed(capsys):
    assert teach.start("07", seed=3).normal() == np.random.default_rng(3).normal()
    assert capsys.readouterr().out == "Notebook 07: Peeking. Seed 3.\n"


def test_start_forgets_guesses_and_matches():
    teach.predict("07.p1", 5)
    teach.match("x", 1, 1, 0.1)
    teach.start("07")
    assert teach.predicted("07.p1") is None
    assert teach.matched() == (0, 0)


@pytest.mark.parametrize("number", ["7", "99", 7, ""])
def test_an_unknown_notebook_is_refused(number):
    with pytest.raises(ValueError, match="`number` must be one of"):
        teach.start(number)


def test_a_guess_is_stored_and_can_be_taken_back(capsys):
    teach.predict("07.p1", 19, low=0, high=100)
    assert teach.predicted("07.p1") == 19
    teach.predict("07.p1", None)
    assert teach.predicted("07.p1") is None
    assert "No guess for 07.p1 yet: type how many of 100 tests" in capsys.readouterr().out


@pytest.mark.parametrize("guess", [101, -1, "a lot", float("nan"), "5 weeks", [1, 2], 10**400])
def test_a_guess_that_makes_no_sense_is_not_stored_and_raises_nothing(guess, capsys):
    teach.predict("07.p9", guess, low=0, high=100, unit="days")
    assert teach.predicted("07.p9") is None
    assert capsys.readouterr().out == (
        'Not stored: type one number in days, from 0 to 100. So: ab.teach.predict("07.p9", "… days")\n'
    )


@pytest.mark.parametrize("guess", ["22%", 22, ".22", 0.22, "22 of 100", "22 tests"])
def test_a_guess_is_read_in_the_unit_asked(guess, capsys):
    teach.predict("07.p9", guess, low=0, high=100, unit="of 100 tests")
    said = capsys.readouterr().out
    assert said.startswith("Your guess for 07.p9: 22 of 100 tests.")
    assert ("A number below 1 is read as a share" in said) == (str(guess) in (".22", "0.22"))


@pytest.mark.parametrize(
    "guess, unit, said",
    [
        (None, "users", "You made no guess. It is 1,000 users."),
        (
            4_000,
            "users",
            "You guessed 4,000 users. It is 1,000 users: your guess is too high by a factor of 4.",
        ),
        (900, "users", "You guessed 900 users. It is 1,000 users: your guess is 100 too low."),
        (1_000, "users", "You guessed 1,000 users. It is 1,000 users: your guess is right."),
    ],
)
def test_reveal_answers_in_the_unit_of_the_guess(guess, unit, said, capsys, monkeypatch):
    item = Prediction(
        "98.p1", "How many?", unit, 0, 1e6, 1_000, consequence=lambda guess, value: f"So {value:g}."
    )
    monkeypatch.setattr("abkit.teach.guesses._prediction", lambda *args: item)
    teach.start("00")
    capsys.readouterr()
    teach.predict("98.p1", guess)
    assert guess or capsys.readouterr().out.startswith(
        "How many?\nNo guess for 98.p1 yet: type one number in users"
    )
    capsys.readouterr()
    teach.reveal("98.p1", 1_000)
    teach.reveal("98.p1", 1_000, "Other.")
    assert capsys.readouterr().out.splitlines() == [f"{said} So 1000.", f"{said} Other."]


def test_checked_counts_every_row_and_names_its_source():
    teach.start("00")
    card = teach.checked(("good", 1.004, 1, 0.005, "a table"), ("bad", 1.006, 1, 0.005, "b 1969"))
    assert card.text.splitlines()[1:] == [
        "good: 1.004, a table: 1. It matches.",
        "bad: 1.006, b 1969: 1. It does NOT match.",
    ]
    assert teach.matched() == (1, 2)


def test_report_aligns_and_joins_errors(capsys):
    teach.report({"share rejected": (0.19301, 0.00392)}, looks=10, bias=0.25, bias_se=0.01)
    assert capsys.readouterr().out.splitlines() == [
        "share rejected  0.193  ± 0.0039 (Monte-Carlo error)",
        "looks           10",
        "bias            0.25   ± 0.01 (Monte-Carlo error)",
    ]


def test_match_counts_only_numbers_within_tolerance(capsys):
    teach.start("00")
    teach.match("good", 1.004, 1, 0.005)
    teach.match("bad", 1.006, 1, 0.005)
    teach.match("nan", float("nan"), 1, 0.005)
    assert teach.matched() == (1, 3)
    assert capsys.readouterr().out.count("does NOT match") == 2


def test_match_says_where_the_other_number_comes_from(capsys):
    teach.match("a", 2, 2, 0.5)
    teach.match("b", 2, 2, 0.5, source="in theory")
    assert capsys.readouterr().out.splitlines() == [
        "a: 2, published 2. It matches.",
        "b: 2, in theory 2. It matches.",
    ]


def test_finish_shows_versions_and_matches_without_seconds(capsys, monkeypatch):
    monkeypatch.setenv("ABKIT_PROGRESS", "0")
    teach.start("00", seed=7)
    teach.match("one", 1, 1, 0.5)
    teach.finish()
    out = capsys.readouterr().out
    assert f"numpy {np.__version__}" in out and "1 of 1 numbers match." in out and "seed 7" in out
    assert "seconds" not in out
    monkeypatch.setenv("ABKIT_PROGRESS", "1")
    teach.finish()
    assert "seconds since the start" in capsys.readouterr().out


def test_quiz_has_three_outcomes():
    assert repr(teach.quiz("00.q1")).endswith("not attempted")
    assert "\nright: " in repr(teach.quiz("00.q1", " A "))
    assert "\nright: " in repr(teach.quiz("00.q1", "a)"))
    assert "\nnot yet: " in repr(teach.quiz("00.q1", "b"))
    assert "one of the letters" in repr(teach.quiz("00.q1", "z"))
    with pytest.raises(ValueError, match="`key` must be one of 00.q1"):
        teach.quiz("00.q9")


def drawn():
    ax = style.axes_or_new(None)
    ax.plot([1, 2], [1, 3])
    return ax.figure


def test_a_figure_is_html_and_text():
    data = bundle(drawn(), ALT + ' "quoted" <b>')
    assert data["text/plain"] == f'Figure: {ALT} "quoted" <b>'
    assert f'alt="{ALT} &quot;quoted&quot; &lt;b&gt;"' in data["text/html"]
    assert "data:image/svg+xml;base64," in data["text/html"]
    assert bundle(drawn(), ALT) == bundle(drawn(), ALT)


@pytest.mark.parametrize("alt", ["", "a plot", "x" * 39, "x" * 251])
def test_alt_text_of_a_wrong_length_is_refused(alt):
    with pytest.raises(ValueError, match="`alt` must have 40 to 250 characters"):
        teach.show(drawn(), alt=alt)


def test_show_closes_the_figure_and_prints_alt_outside_a_notebook(capsys):
    import matplotlib.pyplot as plt

    fig = plt.figure()
    teach.show(fig, alt=ALT)
    assert not plt.fignum_exists(fig.number)
    assert capsys.readouterr().out == f"Figure: {ALT}\n"


def test_a_memo_holds_its_five_parts_in_order():
    memo = teach.decision(rule="R<1", evidence="E1", cost="C1", choice="ship", change="X1")
    for text in (repr(memo), memo._repr_html_()):
        places = [text.index(part) for part in ("Rule, set", "E1", "C1", "ship", "X1")]
        assert places == sorted(places)
    assert "R&lt;1" in memo._repr_html_()


@pytest.mark.parametrize(
    "choice, said",
    [
        ("extend", "Yes: the rule says extend."),
        ("Extend: run to day 30.", "Yes: "),
        ("we extend", "Yes: "),
        ("ship it", "No: the rule says extend, you chose ship."),
        ("don't ship, extend", "I cannot tell."),
        ("wait", "I cannot tell."),
    ],
)
def test_a_memo_says_whether_the_choice_follows_the_rule(choice, said):
    memo = teach.decision(rule="R", evidence="E", cost="C", choice=choice, by_rule="extend")
    assert f"Does the choice follow the rule?: {said}" in memo.text


def test_an_empty_memo_is_not_decided_and_does_not_tell():
    memo = teach.decision(rule="R", evidence="E", cost="C", by_rule="extend")
    assert "Choice: not decided yet." in memo.text and "not written yet" in memo.text
    assert "the rule says" not in memo.text
    with pytest.raises(ValueError, match="`by_rule` must be one of"):
        teach.decision(rule="R", evidence="E", cost="C", choice="ship", by_rule="wait")
