"""A report fits its paper: 80 columns as text, any width as a page; labels stay what they are."""

import datetime
import html
import re

import pytest

import abkit as ab

ODD = "new|one *bold* _x_ <b>"
METRICS = (
    ab.Metric("sold", "proportion"),
    ab.Metric("load", direction="down", margin=10, role="guardrail"),
)


def report(arms=("old", "new"), expect=None, slow=0.0, lift=100):
    many = {arm: ab.Moments.counts(400 + lift * (i > 0), 2_000) for i, arm in enumerate(arms)}
    waits = {
        arm: ab.Moments.of([300.0 + slow * (i > 0) + k % 7 for k in range(200)]) for i, arm in enumerate(arms)
    }
    plan = ab.Analysis("arm", arms[0], METRICS, expect=expect)
    return ab.analyze({"sold": many, "load": waits}, plan)


def refused(arms=("old", "new", "third")):
    """A report of arms of equal size where the plan was another."""
    return report(arms, expect=dict(zip(arms, (0.8, 0.1, 0.1), strict=True)))


@pytest.mark.parametrize("found", [report(), refused(), report(("old", "a" * 200)), report(("old", ODD))])
def test_the_text_fits_80_columns_and_loses_no_word(found):
    lines = repr(found).splitlines()
    assert max(map(len, lines)) <= 80
    text = "".join("".join(lines).split())
    for said in (*(c.message for c in found.checks), *found.notes):
        assert "".join(said.split()) in text


def test_a_short_line_is_left_alone():
    assert "  lift +25.00%" in repr(report()) and repr(report()).startswith("Units: old: 2,000, new: 2,000\n")


def test_the_page_says_title_file_date_version_and_rule():
    page = report().html(file="a<b.csv", date="2026-03-01")
    assert "<title>Report: a&lt;b.csv</title>" in page and "<h1>Report: a&lt;b.csv</h1>" in page
    for said in (
        "File a&lt;b.csv",
        "Date 2026-03-01",
        f"abkit {ab.__version__}",
        "Rule: ship if the interval",
    ):
        assert said in page
    assert "a<b" not in page and 'name="viewport"' in page


def test_the_date_is_today_unless_given():
    days = {datetime.date.today().isoformat()}
    page = report().html()
    days.add(datetime.date.today().isoformat())  # midnight may pass between the two
    assert any(f"Date {day}" in page for day in days) and "File" not in page
    assert report().html(date="x") == report().html(date="x")


@pytest.mark.parametrize(
    "found, word",
    [(report(), "SHIP"), (report(slow=50.0), "STOP"), (report(lift=10), "INCONCLUSIVE")],
)
def test_the_verdict_is_a_badge_with_its_sentence(found, word):
    badge, sentence = re.search(
        r"<h2><span [^>]*>(\w+)</span> new against old</h2><p>(.*?)</p>", found.html()
    ).groups()
    assert (badge, html.unescape(sentence)) == (word, found.decisions["new"].reasons[0])


def test_white_on_a_badge_can_be_read():
    """WCAG 2.1: contrast (L1 + .05) / (L2 + .05) of relative luminances, at least 4.5."""
    for found in (report(), refused(), report(slow=50.0), report(lift=10)):
        colour = re.search(r"background:#(\w+);color:#fff", found.html())[1]
        colour = "".join(2 * c for c in colour) if len(colour) == 3 else colour
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_a_refused_page_says_once_what_failed_and_what_to_do():
    found = refused()
    page = html.unescape(found.html())
    (failed,) = (c for c in found.checks if c.passed is False)
    assert page.count(failed.message) == 1 == page.count("What to do: ") == page.count("INVESTIGATE")
    assert "new against old, third against old" in page and "<table" not in page
    assert "mend what loses or repeats units; then analyse again" in page


def test_every_cell_names_its_column_where_the_table_is_stacked():
    page = report().html()
    heads = re.findall(r'<th scope="col">(.*?)</th>', page)
    for row in re.findall(r"<tr>(?!<th scope=.col)(.*?)</tr>", page):
        assert re.findall(r'data-label="(.*?)"', row) == heads
    assert heads[-1] == "lift" and len(heads) == 12
    assert '<div style="overflow-x:auto"><table>' in page and "nowrap" not in page


def test_the_table_is_stacked_on_narrow_screens_and_paper():
    rules = report().html().partition("@media print,(max-width:80em){")[2].partition("\n}")[0]
    assert "overflow:visible!important" in rules and "td{display:grid" in rules
    assert "content:attr(data-label)" in rules


def test_a_picture_takes_the_colour_of_the_page():
    assert 'stroke="currentColor"' in report().html() and '"black"' not in report().html()


def test_markdown_shows_labels_as_they_are():
    text = report(("old", ODD)).markdown()
    shown = r"new\|one \*bold\* \_x\_ \<b>"
    assert f"| sold | primary | {shown} |" in text and f"**{shown} against old: ship**" in text
    assert f"Units: old: 2,000, {shown}: 2,000" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {12}
