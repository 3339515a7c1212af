"""More sound calls, for `results_said`: worlds, policies, learners, reports, registries and commands.

Each is a function and its arguments, as in `fuzz_rows`: name → (function, arguments of a call that works).
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import fuzz_rows as rows
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from figures_said import seen
from inner import of_example

import abkit as ab
from abkit import Analysis, Experiment, Metric, Registry, Where, plots
from abkit.cli import main
from abkit.plots.showing import description
from abkit.registry import scorecard

LARGE = {  # what a world is called with, smaller than it starts
    "rarity": {"visitors": [10, 20, 400], "share": 0.3, "gap": 0.1},
    "search_box": {"users": 600, "rng": 1},
    "headline_runs": {"headlines": 4, "readers": 60, "policy": 1, "seed": 0},
    "word_of_mouth": {"cities": 8, "size": 6, "friends": 2, "rng": 1},
    "shared_supply": {"cities": 8, "riders": 20, "cars": 6, "rng": 1},
    "lesson_ramp": {"learners": 400, "effect": 3.0, "upset": -5.0, "rng": 1},
    "lesson_repeats": {"tests": 20, "effect": 3.0, "upset": -5.0, "rng": 1},
    "error_rates": {"metrics": 4, "correlation": 0.3, "share": 0.5, "reps": 40, "seed": 1},
    "largest_limits": {"k": 3, "correlation": 0.3, "alpha": 0.05},
    "people": {"shape": "linear", "n": 60, "confounded": False, "rng": 1},
    "customers": {"shape": "step", "n": 80, "rng": 1},
    "repeated_shop": {"times": 5, "gain": 0.4, "users": 50, "rng": 1},
    "hotel_log": {"users": 400, "loss": 0.1, "rng": 1},
    "leaky_tests": {"tests": 9, "n": 500, "loss": 0.1, "share": 0.5, "rng": 1},
    "daily_counts": {"tests": 5, "loss": 0.1, "days": 6, "rng": 1},
    "running_tests": {"tests": 12, "lift": 1.0, "days": 6, "per_day": 20, "rng": 1},
    "coverage_table": {"sizes": [10, 20], "skews": [0.5, 2.0], "ratio": 1, "seed": 1, "reps": 50},
    "shop_table": {"n": 60, "rng": 1},
    "listening": {"users": 60, "rng": 1},
    "language_test": {"users": 60},
    "audiobook_test": {"first_win": 9, "days": 30, "per_day": 100, "seed": 7},
    "coupon_segments": {"n": 80, "rng": 1},
    "best_of_segments": {"segments": 5, "reps": 200, "rng": 1},
    "year_of_tests": {"tests": 30, "rng": 1},
}
TRIALS = [n for n in ab.datasets.__all__ if getattr(ab.datasets, n).__module__.endswith(".trials")]
STORED = [*TRIALS, "learner_grid", "booking_form_test", "price_page_test", "booking_visits"]


def world(name):
    """A function of `abkit.datasets`; a draw is drawn from, four times."""
    call = getattr(ab.datasets, name)

    def drawn(**given):
        found = call(**given)
        return (
            found(np.random.default_rng(1), 4) if callable(found) and not isinstance(found, type) else found
        )

    return drawn, lambda: {**defaults(call), **LARGE.get(name, {})}


def defaults(call):
    """The arguments that a call starts with; a generator starts at 1."""
    given = {k: p.default for k, p in inspect.signature(call).parameters.items()}
    given = {k: 1 if k == "rng" else v for k, v in given.items() if v is not inspect.Parameter.empty}
    return {k: 40 if k in ("n", "users") and isinstance(v, int) else v for k, v in given.items()}


def WORLD():
    return ab.datasets.word_of_mouth(cities=8, size=6, friends=2, rng=1)


def policy(kind, **own):
    """What a policy holds, pulls and promises after some rewards."""

    def after(arms=3, arm=(0, 1, 2, 0, 2), reward=(1, 0, 1, 0, 1), seed=3, **options):
        built = getattr(ab, kind)(arms, **options)
        for a, r in zip(arm, reward, strict=False):
            built = built.update(a, r)
        chance = built.propensity() if kind != "Ucb" else built.index()
        rng = np.random.default_rng(seed)
        pulls = [built.pull(rng) for _ in range(6)]
        return {"policy": built, "chance": chance, "pulls": pulls, "batch": built.pull_batch(rng, 7)}

    return after, lambda: {"arms": 3, "arm": [0, 1, 2, 0, 2], "reward": [1, 0, 1, 0, 1], "seed": 3, **own}


def contextual(kind, **own):
    """What a policy with contexts holds, pulls and promises after some rewards."""

    def after(arms, features, seen, context, seed, **options):
        built = getattr(ab, kind)(arms, features, **options)
        for a, r, x in seen:
            built = built.update(a, r, x)
        told = built.index(context) if kind == "LinUcb" else built.predict(context)
        more = built.posterior(context) if kind == "LinUcb" else built.propensity(context)
        pulls = [built.pull(seed + i, context) for i in range(5)]
        return {"policy": built, "told": told, "more": more, "pulls": pulls}

    seen = [(0, 1, [1.0, 0.5]), (1, 0, [0.2, -1.0]), (1, 1, [2.0, 1.0]), (0, 0, [-1.0, 1.0])]
    row = {"arms": 2, "features": 2, "seen": seen, "context": [0.5, 1.0], "seed": 1, **own}
    return after, lambda: dict(row)


def raced(name, **options):
    """The log, the summary and the bands of a policy that runs, with batches, delays and changing worlds."""

    def run(arms, rates, horizon, reps, batch, delay, drift, **own):
        means = np.linspace(rates, np.multiply(rates, 1 + drift), horizon).clip(0, 1) if drift else rates
        log = ab.run(
            getattr(ab, name)(arms, **options, **own),
            means,
            horizon=horizon,
            reps=reps,
            batch=batch,
            delay=delay,
            rng=1,
        )
        return {**log.to_dict(), "summary": log.summary(), "totals": log.totals(), "bands": log.bands()}

    row = {"arms": 2, "rates": [0.2, 0.5], "horizon": 40, "reps": 5, "batch": 1, "delay": 0, "drift": 0.0}
    return run, lambda: dict(row)


def learned(kind):
    """The effects that a learner predicts, over one and several splits."""

    def fitted(n, splits, folds, seed, heard):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(n, 2))
        w = rng.integers(0, 2, n)
        y = x[:, 0] + w * (1 + heard * x[:, 1]) + 0.1 * rng.normal(size=n)
        own = {"s": {}, "t": {}}.get(kind, {"e": 0.5})
        own = {**own, **({"folds": folds, "splits": splits, "rng": 1} if kind in ["x", "r", "dr"] else {})}
        model = getattr(ab, f"{kind}_learner")(rows.linear_model(), **own).fit(x, y, w)
        return {
            "effect": model.effect(x[:7]),
            "interval": model.interval(x[:1], alpha=0.1) if kind == "dr" else "",
        }

    return fitted, lambda: {"n": 80, "splits": 1, "folds": 3, "seed": 1, "heard": 2.0}


def table(users, lift, lost):
    """A small test with a rate, a mean, a ratio, a guardrail, a covariate and three arms."""
    i = np.arange(users)
    arm = np.array(["old", "new", "third", "new"])[i % 4]
    treated = (arm == "new").astype(float)
    frame = pd.DataFrame(
        {
            "user": i,
            "arm": arm,
            "bought": (i * 7 % 20 < 8 + 10 * lift * treated).astype(int),
            "spent": i * 11 % 13 + lift * treated,
            "clicks": i * 5 % 7 + (treated * (i % 5 == 0)).astype(int),
            "views": 1 + i % 6,
            "wait": 300 + i * 13 % 31 + treated,
            "before": i * 11 % 13 + i * 5 % 9,
            "platform": np.array(["ios", "web"])[i // 3 % 2],
            "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(i % 14, unit="D"),
        }
    )
    return frame[(frame.arm != "new") | (frame.index % 100 >= lost)]


def reported(
    users, lift, lost, expect, correction, alpha, worth, information, roles, margin, kind, covariates, by
):
    """A report as text, page, table and facts."""
    metrics = (
        Metric("bought", "proportion", role=roles),
        Metric(
            "spent",
            kind,
            role="secondary",
            denominator="views" if kind == "ratio" else None,
            covariates=covariates,
        ),
        Metric("clicks", "ratio", denominator="views", role="secondary"),
        Metric("wait", direction="down", margin=margin, role="guardrail"),
    )
    analysis = Analysis("arm", "old", metrics, expect=expect, unit="user", alpha=alpha, correction=correction)
    data = table(users, lift, lost)
    data = data if by == "user" else pd.concat([data, data.iloc[:50]])
    report = ab.analyze(data, analysis, rule=ab.Rule(worth=worth, information=information))
    page = re.sub(r"<style>.*?</style>", "", report.html(), flags=re.S)
    inside = [float(x) for x in re.findall(r"-?\d+\.?\d*", " ".join(re.findall(r"<[^>]+>", page)))]
    words = "\n".join(" ".join(part.split()) for part in re.findall(r">([^<]+)<", page) if part.strip())
    return {
        "table": report.to_frame(),
        "markdown": report.markdown(),
        "words": words,
        "drawn": np.array(inside),
    }


def REPORT():
    shares = {"old": 0.25, "new": 0.5, "third": 0.25}
    return {
        "users": 900,
        "lift": 0.3,
        "lost": 0,
        "expect": shares,
        "correction": "holm",
        "alpha": 0.05,
        "worth": 0.0,
        "information": 1.0,
        "roles": "primary",
        "margin": 10.0,
        "kind": "mean",
        "covariates": ("before",),
        "by": "user",
    }


def kept(layer, share, weights, looks, worth, effect, start, end, eligible, moves, users, lift, day):
    """A registry after some experiments: documents, history, conflicts, what runs, and what was promised."""
    analysis = Analysis("arm", "old", (Metric("bought", "proportion"),), unit="user")
    first = {"plan": ab.sample_size_proportions(0.25, lift=effect), "analysis": analysis, "weights": weights}
    own = Experiment(
        "button",
        hypothesis="More orders.",
        layer=layer,
        share=share,
        looks=looks,
        worth=worth,
        start=start,
        end=end,
        eligible=eligible,
        owner="ines",
        **first,
    )
    other = Experiment(
        "colour", hypothesis="Red.", layer="checkout", start="2026-03-05", end="2026-04-01", **first
    )
    with tempfile.TemporaryDirectory() as folder, Registry(Path(folder) / "r.sqlite") as registry:
        registry.add(other, at="2026-02-01", by="bo")
        registry.add(own, at="2026-02-02", by="ines", note="first")
        told = {
            "own": own,
            "yaml": own.yaml(),
            "check": own.check(),
            "conflicts": registry.conflicts("button"),
        }
        for i, move in enumerate(moves):
            getattr(registry, move)("button", at=date(2026, 3, 2 + i), by="bo")
        table_ = table(users, lift, 0)
        told["running"] = [found.name for found in registry.running(day)]
        told |= {
            "entries": registry.entries(),
            "history": [replace(e, recorded="") for e in registry.history("button")],
        }
        told["scorecard"] = scorecard.markdown(registry)
        if moves and moves[-1] == "start":
            checked = registry.analyze("button", table_[table_.arm != "third"], at=day)
            told |= {"kept": checked.kept, "text": checked.text()}
        return told


def KEPT():
    return {
        "layer": "checkout",
        "share": 1.0,
        "weights": {"old": 0.5, "new": 0.5},
        "looks": 1,
        "worth": 0.0,
        "effect": 0.05,
        "start": "2026-03-02",
        "end": "2026-03-20",
        "eligible": (),
        "moves": ["start"],
        "users": 900,
        "lift": 0.3,
        "day": "2026-03-20",
    }


KEPT_CHANGES = {
    "layer": [None, "search"],
    "eligible": [(Where("platform", "in", ("ios",)),), "mobile", (Where("platform", "in", ("gone",)),)],
    "moves": [
        [],
        ["start", "pause"],
        ["start", "pause", "resume"],
        ["start", "stop"],
        ["stop"],
        ["start", "start"],
    ],
    "start": [None, "2026-03-21", "2026-04-02", "2026-02-30"],
    "end": [None, "2026-03-05", "2026-03-04", "2026-03-01"],
    "day": [None, "2026-03-01", "2026-03-10", "2026-04-10"],
}

SEEDS, SIZES = [2, 5], [30, 81, 200]
LEARNER = {"n": SIZES, "splits": [2, 3], "folds": [2, 5], "seed": SEEDS}
ROLE = {"users": [300, 1500], "roles": ["secondary"], "by": ["event"], "kind": ["ratio"], "lost": [10, 30]}
CHANGES = {  # scene → argument → its other values, where they are not those of its kind
    "registry": {**KEPT_CHANGES, "users": [300, 1500]},
    "report": {
        **ROLE,
        "covariates": [(), ("before", "wait"), ("gone",)],
        "correction": ["bonferroni", "bh", "none"],
    },
    **{f"learner {kind}": LEARNER for kind in ("s", "t", "x", "r", "dr")},
    **{
        f"policy {kind}": {
            "seed": SEEDS,
            "arm": [[0, 0, 1], [2], [], [3]],
            "reward": [[1, 1, 1, 1, 1], [0.5], [-1]],
        }
        for kind in ("EpsilonGreedy", "EvenSplit", "Thompson", "Ucb")
    },
    **{
        f"policy {kind}": {"seed": SEEDS, "seen": [[], [(0, 1, [1.0, 0.5])] * 3, [(0, 2, [1.0])]]}
        for kind in ("LinUcb", "LogisticGreedy")
    },
    **{f"race {kind}": {"arms": [3]} for kind in ("EvenSplit", "EpsilonGreedy", "Ucb", "Thompson")},
}

ARM, SRM = "--arm arm", "--arm arm --expect control=.5,treatment=.5"
RATE = "users.csv --arm arm --control control --metric converted:proportion"
MONEY = "users.csv --arm arm --control control --metric revenue:mean"
COMMANDS = f"""
plan --baseline 10% --lift .05
plan --baseline .10 --lift .05 --arrivals 2000
plan --baseline .10 --lift .05 --arrivals 20000 --arms 3
plan --baseline .10 --lift .05 --arrivals 20000 --arms 3 --share .5
plan --baseline .10 --lift .05 --arrivals 20
plan --baseline .10 --lift -.05 --arrivals 5000 --cuped-correlation .5
plan --baseline .10 --lift .05 --power .9 --alpha .01
plan --baseline .10 --lift .05 --arms 1
plan --baseline .10 --lift 5
plan --baseline .10 --lift 500
plan --baseline .10 --lift 0
plan --baseline 110% --lift .05
plan --baseline .10
plan --sd 10 --effect 1
plan --sd 10 --effect 1 --arrivals 100 --cuped-correlation .5
plan --sd 10 --effect 1 --arms 4 --arrivals 100
plan --sd 10 --effect 1 --baseline .1
plan --sd 0 --effect 1
plan --sd 10 --effect 1 --power 1
srm users.csv {SRM}
srm users.csv {SRM} --by segment
srm users.csv {SRM} --alpha .9
srm users.csv {ARM} --expect control=.6,treatment=.4
srm users.csv {ARM} --expect control=.53,treatment=.47
srm users.csv {ARM} --expect control=1,treatment=1
srm users.csv {ARM}
srm users.csv --arm arms --expect control=.5,treatment=.5
srm users.csv {ARM} --expect control=.5,treatmen=.5
srm users.csv {ARM} --expect control
srm events.csv {SRM}
analyze {RATE}
analyze {RATE} --json
analyze {RATE} --markdown
analyze {RATE} --expect control=.5,treatment=.5
analyze {RATE} --expect control=.7,treatment=.3
analyze {RATE} --metric revenue:mean --worth .01
analyze {RATE} --metric revenue:mean --correction bonferroni --alpha .2
analyze {RATE} --guardrail load_ms:mean:down:10
analyze {RATE} --guardrail load_ms:mean:down:10 --information .5
analyze {RATE} --guardrail load_ms:mean:down:.1
analyze {RATE} --guardrail load_ms:mean
analyze {MONEY} --alpha .1 --unit user_id
analyze {MONEY} --covariate revenue=pre_revenue
analyze {MONEY} --covariate revenue=pre_revenue --measured 2026-02-28 --start 2026-03-01
analyze {MONEY} --covariate revenue=pre_revenue --measured 2026-03-28 --start 2026-03-01
analyze {MONEY} --covariate revenue=load_ms --late-covariates
analyze {MONEY} --cluster segment
analyze {MONEY}:down
analyze {MONEY}:sideways
analyze {MONEY} --events
analyze {MONEY} --worth x
analyze users.csv --arm arm --control kontrol --metric revenue:mean
analyze users.csv --arm arm --control control --metric revenue:men
analyze users.csv --arm arm --control control --metric revenu:mean
analyze users.csv --arm arm --control control --metric load_ms/revenue:ratio
analyze users.csv --arm arm --control control --metric revenue:proportion
analyze users.csv --arm arm --control control
analyze none.csv --arm arm --control control --metric revenue:mean
assign users.csv --unit user_id --salt s --weights a=.5,b=.5
assign users.csv --unit user_id --salt s --weights a=.5,b=.6
assign users.csv --unit user_id --salt s --weights a=.2,b=.3,c=.5 --share .1
assign users.csv --unit user --salt s --weights a=.5,b=.5
demo .
demo . --force
registry list
registry show button
doctor --help
--version
""".strip().split("\n")


def told(words):
    """Exit code and words of a command, in a folder with the files of `abkit demo`."""
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        with contextlib.redirect_stdout(io.StringIO()):
            main(["demo", "."])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(words.split())
            except SystemExit as end:
                code = end.code
    return [code, *(shortened(text.getvalue().replace(folder, "FOLDER")) for text in (out, err))]


def shortened(text):
    """The first lines of a long text, and its length."""
    lines = text.split("\n")
    return text if len(lines) < 200 else "\n".join([*lines[:20], f"{len(lines)} lines"])


def figure(name):
    """A figure, and the arguments of the last example of its docstring; what it shows is its answer."""
    function = getattr(plots, name)

    def shown(**given):
        axes = np.ravel(np.asarray(function(**given), object))
        found = description(axes[0])
        told = {"alt": found.alt, "table": {k: list(v) for k, v in found.table.items()}}
        told |= {str(i): seen(ax) for i, ax in enumerate(axes[:2])}
        plt.close("all")
        return told

    return shown, lambda: without_axes(function)


def without_axes(function):
    return {k: v for k, v in of_example(function).items() if k not in ("ax", "axes")}


def other_figures(name):
    """At most two other values of each argument of a figure; guesses, marks and truths are switched on."""
    found = {}
    for key, value in without_axes(getattr(plots, name)).items():
        if isinstance(value, bool):
            found[key] = [not value]
        elif isinstance(value, (int, float)):
            found[key] = [value * 2, value / 2 if isinstance(value, float) else value - 1]
        elif value is None and key in NUMBERS.split():
            found[key] = [0.3, 7]
        elif isinstance(value, (list, tuple)) and value and all(isinstance(v, (int, float)) for v in value):
            found[key] = [[-v for v in value], list(value[::-1])]
        elif isinstance(value, np.ndarray):
            found[key] = [-value, value[: len(value) // 2 + 1]]
        elif isinstance(value, dict) and len(value) > 1:
            found[key] = [dict(list(value.items())[:1]), dict(list(value.items())[::-1])]
        else:
            found[key] = [value]
    return found


NUMBERS = "guess worth mark first within against"
FIGURES = [name for name in dir(plots) if name.startswith("plot_")]


def changes_of(name):
    """Argument → its other values, of the arguments that do not take those of their kind."""
    return other_figures(name) if name.startswith("plot_") else CHANGES.get(name, {})


SCENES = {
    **{name: figure(name) for name in FIGURES},
    **{
        f"datasets.{name}": world(name)
        for name in ab.datasets.__all__
        if name not in ("measured_learner", "centred_by_arm", *STORED)
    },
    "datasets.redesigns": (
        lambda design, reps: ab.datasets.redesigns(WORLD(), design, reps=reps, rng=1),
        lambda: {"design": "users", "reps": 5},
    ),
    "datasets.spill_curve": (
        lambda spills: ab.datasets.spill_curve(WORLD(), spills),
        lambda: {"spills": [0.0, 1.0, 3.0]},
    ),
    "policy EpsilonGreedy": policy("EpsilonGreedy", discount=1.0, epsilon=0.1, half_at=None),
    "policy EvenSplit": policy("EvenSplit", discount=1.0),
    "policy Thompson": policy("Thompson", discount=1.0, model="bernoulli", noise_sd=1.0, floor=0.0),
    "policy Ucb": policy("Ucb", discount=1.0, constant=2.0),
    "policy LinUcb": contextual("LinUcb", alpha=1.0, ridge=1.0),
    "policy LogisticGreedy": contextual("LogisticGreedy", epsilon=0.1, rate=0.1),
    **{f"race {name}": raced(name) for name in ("EvenSplit", "EpsilonGreedy", "Ucb", "Thompson")},
    **{f"learner {kind}": learned(kind) for kind in ("s", "t", "x", "r", "dr")},
    "report": (reported, REPORT),
    "registry": (kept, KEPT),
}
