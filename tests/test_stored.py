"""What is stored comes back to the bit, and what is no stored result is named."""

import json
import os

import numpy as np
import pytest

from abkit import BucketSums, Effect, Moments, UnitTotals, Watch

SEED = int(os.environ.get("ABKIT_SEED", "0"))


def things():
    rng = np.random.default_rng(SEED)
    ids, y = rng.integers(0, 500, 2_000), rng.normal(1e8, 1e-3, 2_000)
    watch = Watch(target_se=0.1, tau=0.3).look(7, Effect.of(0.1, 0.2, n_control=50, n_treatment=60))
    return {
        "moments": Moments.of(y, pre=y**3),
        "batch": Moments.of(rng.normal(size=(3, 2, 50)), **{"a b": rng.normal(size=(3, 2, 50))}),
        "counts": Moments.counts([3, 4], [10, 11]),
        "odd values": Moments(2, np.array([-0.0]), np.array([[np.inf]]), ("y",)),
        "no experiment": Moments(np.zeros(0), np.zeros((0, 1)), np.zeros((0, 1, 1)), ("y",)),
        "buckets": BucketSums.empty("shop").add(ids, ids % 2 == 1, y),
        "totals": UnitTotals.empty().add([f"u{i}" for i in ids], ids % 2 == 1, y),
        "no totals": UnitTotals.empty(),
        "watch": watch.look(14, Effect.of(0.1, 0.1 / 3, n_control=100, n_treatment=120)),
        "no look": Watch(target_se=0.1),
    }


THINGS = things()


@pytest.mark.parametrize("name", THINGS)
def test_every_field_comes_back_to_the_bit(name):
    thing = THINGS[name]
    again = type(thing).from_json(thing.to_json())
    for field, value in thing.to_dict().items():
        found = getattr(again, field)
        assert type(found) is type(value), field
        assert np.asarray(found).tobytes() == np.asarray(value).tobytes(), field
        assert np.asarray(found).dtype == np.asarray(value).dtype and np.shape(found) == np.shape(value)
    assert again.to_json() == thing.to_json()


def test_a_watch_of_the_first_version_is_read():
    old = (
        '{"target_se": 0.1, "alpha": 0.05, "rule": "planned", "tau": null, "burn_in": 30, "day": [7.0,'
        " 14.0], "
    )
    old += '"estimate": [0.1, 0.2], "se": [0.2, 0.1], "n_control": [50, 100], "n_treatment": [50, 100]}'
    watch = Watch.from_json(old)
    assert (
        watch.day == (7.0, 14.0)
        and watch.rule == "planned"
        and watch.path().crossed.tolist() == [False, True]
    )


def spoilt(name, change):
    state = json.loads(THINGS[name].to_json())
    change(state)
    return json.dumps(state)


def put(field, value):
    return lambda state: state["fields"].update({field: value})


WRONG = {
    "no text": ("watch", lambda: 3, "`text` must be text"),
    "no JSON": ("watch", lambda: "{", "`text` must be a stored Watch; got no JSON"),
    "a list": ("watch", lambda: "[]", "`text` must be a stored Watch; got a list"),
    "another thing": (
        "watch",
        lambda: THINGS["moments"].to_json(),
        "must be a stored Watch; got 'abkit Moments'",
    ),
    "a newer version": (
        "moments",
        lambda: spoilt("moments", lambda s: s.update(version=2)),
        "version 1; got 2. Was it stored by a newer",
    ),
    "a field too many": (
        "moments",
        lambda: spoilt("moments", put("x", 1)),
        "`text` must hold the fields n, mean",
    ),
    "no fields": (
        "moments",
        lambda: spoilt("moments", lambda s: s.update(fields=[])),
        "must hold the fields",
    ),
    "days out of order": (
        "watch",
        lambda: spoilt("watch", put("day", [14, 7])),
        "`day` must be above 0 and grow",
    ),
    "a day of text": (
        "watch",
        lambda: spoilt("watch", put("day", ["7", 14])),
        "`day` must be a number; got '7'",
    ),
    "a day too few": (
        "watch",
        lambda: spoilt("watch", put("day", [7])),
        "`estimate` must hold one value a look",
    ),
    "no list": ("watch", lambda: spoilt("watch", put("se", 0.2)), "`se` must hold one value a look; got 0.2"),
    "se of 0": ("watch", lambda: spoilt("watch", put("se", [0.2, 0])), "`se` must be above 0"),
    "half a user": (
        "watch",
        lambda: spoilt("watch", put("n_control", [1.5, 2])),
        "`n_control` must be a whole",
    ),
    "nan": (
        "watch",
        lambda: spoilt("watch", put("estimate", [float("nan"), 1])),
        "`estimate` must be finite",
    ),
    "alpha": ("watch", lambda: spoilt("watch", put("alpha", "5%")), "`alpha` must be a number"),
    "rule": ("watch", lambda: spoilt("watch", put("rule", "never")), "`rule` must be one of"),
    "burn_in": ("watch", lambda: spoilt("watch", put("burn_in", -1)), "`burn_in` must be a whole number"),
    "names": ("moments", lambda: spoilt("moments", put("names", "y")), "`names` must be a list of names"),
    "shapes": (
        "moments",
        lambda: spoilt("moments", put("names", ["y"])),
        "must hold n, mean and scatter of 1",
    ),
    "an array too short": (
        "moments",
        lambda: spoilt("moments", put("mean", {"type": "float", "shape": [2], "values": [1.0]})),
        "`mean` must be a stored array whose values fit",
    ),
    "an array of text": (
        "totals",
        lambda: spoilt("totals", put("sums", {"type": "str", "shape": [1], "values": ["1"]})),
        "`sums` must be a stored column",
    ),
    "units twice": (
        "no totals",
        lambda: spoilt("totals", lambda s: s["fields"]["units"]["values"].__setitem__(1, "u0")),
        "`units` must be in order",
    ),
    "negative counts": (
        "buckets",
        lambda: spoilt("buckets", lambda s: s["fields"]["counts"]["values"].__setitem__(0, -1.0)),
        "`counts` must not be negative",
    ),
    "seven buckets": (
        "buckets",
        lambda: spoilt(
            "buckets",
            lambda s: [
                s["fields"][k].update(shape=[2, 7], values=[0.0] * 14, type="float")
                for k in ("sums", "counts")
            ],
        ),
        "must have one shape",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_stored_result_is_named(case):
    name, text, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        type(THINGS[name]).from_json(text())
