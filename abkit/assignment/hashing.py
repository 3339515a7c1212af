"""Which arm does a unit get? A pure function of salt and id: no table of assignments is needed.

`position` is the first 15 hexadecimal digits of md5(salt + "." + unit), modulo 10,000. Three
purposes have three salts (the layer's, entry, arm), so a growing share adds units and moves nobody.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import unit_ids

BUCKETS = 10_000  # the finest share is .0001
LONG = 50_000  # longer lists are hashed by DuckDB: the same numbers, some three times as fast


def position(units: Any, salt: str) -> np.ndarray:
    """Return the bucket of each unit under this salt, shape (n,), whole numbers from 0 to 9,999.

    units: ids as text or whole numbers (7 and "7" are the same unit). Missing ids and floats are
    refused: a column of ids with one gap turns into floats, and "7.0" would be another user.

    >>> position(["ann", "bob"], "checkout").tolist()
    [7723, 5835]
    """
    return positions_of(unit_ids(units), _check.text("salt", salt))


def _bucket(key: str) -> int:
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:15], 16) % BUCKETS


def positions_of(ids: list[str], salt: str) -> np.ndarray:
    """Return the place of each id under this salt, (ids,) whole numbers; long lists go through DuckDB.

    >>> positions_of(["ann", "bob"], "checkout").tolist()
    [7723, 5835]
    """
    if len(ids) > LONG:
        return _position_duckdb(ids, salt)
    try:
        return np.fromiter((_bucket(f"{salt}.{unit}") for unit in ids), np.int64, len(ids))
    except UnicodeEncodeError:
        raise _check.fail("units", "must be text that UTF-8 can write", "a lone surrogate") from None


def _position_duckdb(ids: list[str], salt: str) -> np.ndarray:
    import duckdb
    import pyarrow as pa

    try:
        table = pa.table({"unit": pa.array(ids, pa.large_string())})
    except UnicodeEncodeError:
        raise _check.fail("units", "must be text that UTF-8 can write", "a lone surrogate") from None
    with duckdb.connect() as connection:
        connection.register("ids", table)
        query = (
            f"SELECT CAST('0x' || substr(md5(? || '.' || unit), 1, 15) AS BIGINT) % {BUCKETS} AS bucket"
            " FROM ids"
        )
        return np.asarray(connection.execute(query, [salt]).fetchnumpy()["bucket"], np.int64)
