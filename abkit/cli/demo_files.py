"""`abkit demo` writes users.csv and events.csv of an invented shop: the README's commands run on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abkit.cli import files

USERS = 4_000


def add(commands: Any) -> None:
    """Register `demo`.

    >>> import argparse
    >>> parser = argparse.ArgumentParser(); add(parser.add_subparsers())
    >>> parser.parse_args(["demo"]).folder.as_posix()
    '.'
    """
    parser = commands.add_parser(
        "demo",
        help="write users.csv and events.csv of an invented shop, to try the commands on",
        description="Exit code 0: both files are written. 2: one exists (add --force), or cannot be written.",
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path("."), help="where to (default: here)")
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.set_defaults(run=run, names={})


def run(options: Any) -> int:
    """Write both files, say what to type next, and return 0.

    >>> from argparse import Namespace
    >>> from contextlib import chdir
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, chdir(folder):
    ...     run(Namespace(folder=Path("."), force=False))
    users.csv: 4,000 users of an invented shop, one row each
    events.csv: 9,991 visits of the same users
    Try:  abkit srm users.csv --arm arm --expect control=.5,treatment=.5
    0
    """
    users, events = tables()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (("users.csv", users), ("events.csv", events)):
        text = frame.to_csv(index=False, lineterminator="\n")
        files.write_new(options.folder / name, text, option="folder", force=options.force)
    print(f"{options.folder / 'users.csv'}: {len(users):,} users of an invented shop, one row each")
    print(f"{options.folder / 'events.csv'}: {len(events):,} visits of the same users")
    print("Try:  abkit srm users.csv --arm arm --expect control=.5,treatment=.5")
    return 0


def tables() -> tuple[Any, Any]:
    """Return users and events of the demonstration; the same at every call.

    World: 4,000 users, arms by `assign`. A user has 1 + Poisson(1.5) visits; a visit converts with .06 in
    control and .08 in treatment; an order is worth a lognormal amount of about 30 euros; a page takes about
    420 ms in both arms. pre_revenue is what the user spent in the four weeks before the start.

    >>> users, events = tables()
    >>> users.columns.tolist(), len(users)
    (['user_id', 'arm', 'segment', 'pre_revenue', 'converted', 'revenue', 'load_ms'], 4000)
    """
    import numpy as np
    import pandas as pd

    from abkit.assignment.arms import assign

    rng = np.random.default_rng(20)
    ids = [f"u{i:05d}" for i in range(USERS)]
    arm = assign(ids, {"control": 0.5, "treatment": 0.5}, salt="demo")
    taste = rng.gamma(2.0, 0.5, USERS)  # what stays with a user: mean 1
    visits = 1 + rng.poisson(1.5, USERS)
    who = np.repeat(np.arange(USERS), visits)
    rate = np.where(arm[who] == "treatment", 0.08, 0.06) * taste[who]
    bought = rng.random(len(who)) < np.minimum(rate, 0.9)
    amount = np.where(bought, np.round(np.exp(rng.normal(3.3, 0.5, len(who))), 2), 0.0)
    events = pd.DataFrame(
        {
            "user_id": np.array(ids)[who],
            "arm": arm[who],
            "day": 1 + rng.integers(0, 14, len(who)),
            "converted": bought.astype(int),
            "revenue": amount,
            "load_ms": np.round(rng.normal(420, 60, len(who))),
        }
    ).sort_values(["day", "user_id"], ignore_index=True)
    by_user = events.groupby("user_id")
    sums = by_user.agg(
        converted=("converted", "max"), revenue=("revenue", "sum"), load_ms=("load_ms", "mean")
    )
    past = np.round(rng.gamma(1.0, 6.0, USERS) * taste, 2)
    users = pd.DataFrame({"user_id": ids, "arm": arm, "segment": rng.choice(["ios", "web"], USERS)})
    users = users.assign(pre_revenue=past).merge(sums.round(2), left_on="user_id", right_index=True)
    return users, events
