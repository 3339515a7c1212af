"""Keep a policy between two processes: its state as JSON text, with a version, and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from abkit import _check
from abkit.adaptive.contextual import LinUcb, LogisticGreedy
from abkit.adaptive.policies import EpsilonGreedy, EvenSplit, Policy, Thompson, Ucb

FORMAT, VERSION = "abkit policy", 1
KINDS = {kind.__name__: kind for kind in (EvenSplit, EpsilonGreedy, Ucb, Thompson, LinUcb, LogisticGreedy)}


def policy_to_json(policy: Policy | LinUcb | LogisticGreedy) -> str:
    """Return a policy with all that it has learned as JSON text; floats keep every digit.

    Raises ValueError for anything that is no policy of this package.

    >>> from abkit.adaptive.policies import Ucb
    >>> policy_to_json(Ucb(2))[:40]
    '{"format": "abkit policy", "version": 1,'
    """
    kind = type(policy).__name__
    if KINDS.get(kind) is not type(policy):
        raise _check.fail("policy", "must be one of " + ", ".join(KINDS), kind)
    fields = {f.name: _listed(getattr(policy, f.name)) for f in dataclasses.fields(policy)}
    return json.dumps({"format": FORMAT, "version": VERSION, "kind": kind, "fields": fields})


def policy_from_json(text: str) -> Any:
    """Return the policy that `policy_to_json` wrote; it goes on where it stood.

    Raises ValueError for text that is no stored policy, another version, an unknown kind or field, or a
    state that does not fit.

    >>> from abkit.adaptive.policies import Thompson
    >>> policy_from_json(policy_to_json(Thompson(2).update(1, 1))).pulls
    array([0., 1.])
    """
    try:
        found = json.loads(_check.text("text", text))
    except json.JSONDecodeError as error:
        raise _check.fail("text", "must be a stored policy", f"no JSON ({error})") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _check.fail("text", "must be a stored policy", f"{str(text)[:40]!r}")
    if found.get("version") != VERSION:
        raise _check.fail("text", f"must be of version {VERSION}", found.get("version"))
    kind = KINDS.get(str(found.get("kind")))
    if kind is None:
        raise _check.fail("text", "must hold one of " + ", ".join(KINDS), found.get("kind"))
    known = {f.name for f in dataclasses.fields(kind)}
    if set(found.get("fields", {})) != known:
        raise _check.fail("text", "must hold the fields " + ", ".join(sorted(known)), sorted(found["fields"]))
    return kind(**found["fields"])


def _listed(value: Any) -> Any:
    """Return what JSON can hold: arrays and tuples as lists."""
    return (
        value.tolist()
        if isinstance(value, np.ndarray)
        else list(value)
        if isinstance(value, tuple)
        else value
    )
