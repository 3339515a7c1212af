"""`abkit plan`: the printed plan against known sizes, and bad input with a sentence and exit code 2."""

import re

import pytest
from statsmodels.stats.power import TTestIndPower

import abkit as ab
from abkit import cli


def run(capsys, *arguments):
    code = cli.main(["plan", *map(str, arguments)])
    got = capsys.readouterr()
    return code, got.out, got.err


def test_a_share_prints_units_days_and_weeks(capsys):
    code, out, _ = run(capsys, "--baseline", 0.10, "--lift", 0.05, "--arrivals", 4000)
    assert code == 0
    assert "57,763 units in each of 2 arms, 115,526 in all" in out
    assert "35 days (5 weeks) at 4,000 new units a day" in out  # 28.9 days
    rows = re.findall(r"(\d+) weeks +([\d,]+) units an arm  effect ([\d.]+)", out)
    assert [int(w) for w, *_ in rows] == [2, 3, 4, 6, 8]
    for weeks, n, effect in rows:
        assert int(n.replace(",", "")) == 14_000 * int(weeks)
        back = ab.sample_size_proportions(0.10, p_treatment=0.10 + float(effect)).n_control
        assert back == pytest.approx(14_000 * int(weeks), rel=2e-3)  # the effect is printed with four digits


def test_a_mean_prints_the_size_of_the_t_test(capsys):
    code, out, _ = run(capsys, "--sd", 12, "--effect", 1)
    n = TTestIndPower().solve_power(1 / 12, alpha=0.05, power=0.8)
    assert code == 0 and f"{int(n) + 1:,} units in each of 2 arms" in out
    assert "Give --arrivals" in out and "days (" not in out


def test_arms_share_the_false_alarms_and_the_days(capsys):
    code, out, _ = run(capsys, "--sd", 12, "--effect", 1, "--arms", 4, "--arrivals", 1000, "--share", 0.5)
    n = int(TTestIndPower().solve_power(1 / 12, alpha=0.05 / 3, power=0.8)) + 1
    assert code == 0 and f"{n:,} units in each of 4 arms" in out and "at alpha 0.0167" in out
    assert f"{7 * -(-4 * n // 3500)} days" in out  # 500 a day, whole weeks


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--baseline", 10, "--lift", 0.05), "Write 0.1"),
        (("--baseline", 0.1, "--lift", 5), "Write 0.05"),
        (("--baseline", 0.1, "--lift", 0.05, "--share", 50), "Write 0.5"),
        (("--baseline", 0.1, "--lift", 0.05, "--power", 80), "Write 0.8"),
        (("--baseline", 0.1, "--lift", 0.05, "--alpha", 5), "Write 0.05"),
        (("--baseline", 0.1, "--lift", 0.05, "--arms", 1), "arms"),
        (("--baseline", 0.1, "--lift", 0.05, "--arrivals", 0), "arrivals"),
        (("--baseline", 0.1, "--lift", 0), "--lift must"),
        (
            (
                "--baseline",
                0.1,
            ),
            "got --baseline",
        ),
        ((), "none of them"),
        (("--sd", 0, "--effect", 1), "sd"),
        (("--sd", 1, "--effect", 0), "effect"),
        (("--baseline", 0.1, "--lift", 0.05, "--sd", 1), "got --baseline --lift --sd"),
        (("--sd", 1, "--effect", 1, "--arms", 1), "arms"),
    ],
)
def test_bad_input_is_a_sentence_and_code_2(capsys, arguments, part):
    code, out, err = run(capsys, *arguments)
    assert code == 2 and out == "" and part in err and err.startswith("abkit: ")
