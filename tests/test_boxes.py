"""Boxes and buttons: only where widgets are live; they answer as the typed call does."""

import pytest
from IPython import display as shown

import abkit as ab
from abkit.exercises import asking
from abkit.exercises.boxes import Asking

KEY = next(k for k, e in asking.module("07").EXERCISES.items() if e.stars == 1)


@pytest.fixture
def live(monkeypatch):
    """A live notebook: what is displayed is collected."""
    outputs = []
    monkeypatch.setenv("ABKIT_PROGRESS", "1")
    monkeypatch.setattr(shown, "display", lambda item, raw=False: outputs.append(item))
    ab.teach.start("07")
    return outputs


def test_nothing_but_text_where_no_reader_sits(monkeypatch):
    for value in ("0", ""):
        monkeypatch.setenv("ABKIT_PROGRESS", value)
        assert type(ab.exercise(KEY)) is type(ab.teach.quiz("07.q1")) is not Asking


def test_an_exercise_is_answered_in_the_box_as_by_the_call(live):
    ab.exercise(KEY)._ipython_display_()
    card, box = live
    assert card["text/plain"] == ab.exercise(KEY).text and "Exercise" in card["text/html"]
    (text, give, hint), said = box.children[0].children, box.children[1]
    for answer in ("11 of 100", "21.96", "", "what?"):
        text.value = answer
        give.click()
        assert str(ab.check(KEY, answer).text)[:30] in said.value
    first = asking.find(KEY).hints[0]
    hint.click()
    assert first[:30] in said.value and "Hint 1 of" in said.value
    hint.click()
    assert "Hint 2 of" in said.value


def test_a_letter_is_a_button(live):
    for card, key, right in ((ab.exercise("07.2"), "07.2", "b"), (ab.teach.quiz("07.q1"), "07.q1", "b")):
        live.clear()
        card._ipython_display_()
        row, said = live[1].children
        for button in row.children:
            button.click()
            assert ("right: " in said.value) == (button.description == f"{right})"), key


def test_a_guess_is_stored_by_the_box(live):
    ab.teach.predict("07.p1")
    (text, give), said = live[1].children[0].children, live[1].children[1]
    assert ab.teach.predicted("07.p1") is None
    text.value = "22%"
    give.click()
    assert ab.teach.predicted("07.p1") == 22 and "22 of 100 tests" in said.value
    text.value = "many"
    assert "Not stored" in said.value and ab.teach.predicted("07.p1") == 22


def test_what_is_left_of_a_box_is_hidden_when_the_kernel_is_gone(live):
    ab.teach.quiz("07.q1")._ipython_display_()
    assert "abkit-asked" in live[0]["text/html"] and "display: none" in live[0]["text/html"]
    assert "abkit-box" in live[1]._dom_classes
