"""What commands read from the command line: planned shares, numbers."""

from __future__ import annotations

from abkit import _check


def shares(text: str) -> dict[str, float]:
    """Read 'control=.5,treatment=.5'."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        label, equals, value = (piece.strip() for piece in part.rpartition("="))
        if not equals or not label:
            raise _check.fail("expect", "must look like control=.5,treatment=.5", repr(text))
        if label in shares:
            raise _check.fail("expect", "must name each arm once", repr(text))
        if value.endswith("%"):
            raise _check.fail(
                "expect", "must hold shares", repr(value), "Is that per cent? Write .5 for 50%."
            )
        shares[label] = number("expect", value)
    _check.weights("expect", shares)
    return shares


def number(name: str, text: str) -> float:
    """Read a number that was typed, '.5'."""
    try:
        return _check.number(name, float(text))
    except ValueError:
        raise _check.fail(name, "must be a number", repr(text)) from None
