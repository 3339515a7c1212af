"""Where the registry lives: one SQLite file, or a PostgreSQL database for a team; rows only get more.

A write is one transaction behind one lock, and it is on disk when the call returns. Names go in as bound
values, never as SQL. The database itself refuses to change or delete a row of the history, whoever asks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abkit import _check

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

VERSION = 1
PATIENCE = 10.0  # seconds that a write waits for another one
KEY = 6_188_110  # of PostgreSQL's lock; any number that all registries share
COLUMNS = ("name", "action", "status", "at", "recorded", "by", "note", "document")
HISTORY, ABOUT = "abkit_history", "abkit_registry"

CREATE = {
    "sqlite": f"CREATE TABLE {HISTORY} (id INTEGER PRIMARY KEY AUTOINCREMENT, {{columns}})",
    "postgresql": f"CREATE TABLE {HISTORY} (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {{columns}})",
}
REFUSE = {
    "sqlite": [
        f"CREATE TRIGGER abkit_history_{verb} BEFORE {verb} ON {HISTORY} "
        "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        (
            "CREATE FUNCTION abkit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the history is append-only'; END $$"
        ),
        (
            f"CREATE TRIGGER abkit_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {HISTORY} "
            "FOR EACH STATEMENT EXECUTE FUNCTION abkit_append_only()"
        ),
    ],
}


class Database:
    """A connection to one registry: `rows` reads, `writing` is a transaction that excludes other writers.

    >>> from tempfile import TemporaryDirectory
    >>> row = dict.fromkeys(COLUMNS, "") | {"name": "button", "action": "add"}
    >>> with TemporaryDirectory() as folder:
    ...     database = Database(Path(folder, "registry.sqlite"))
    ...     with database.writing() as connection:
    ...         Database.append(connection, row); len(Database.read_in(connection, "", {}))
    ...     [(found.name, found.action) for found in database.rows()]; database.close()
    1
    [('button', 'add')]
    """

    def __init__(self, url: str | Path) -> None:
        self.url = _address(url)
        self.shown = self.url.render_as_string(hide_password=True)
        self.dialect = self.url.get_backend_name()
        self._engine = self._connected()
        with self._said(), self._engine.connect() as connection:
            known = self._known(connection)
        if not known:
            with self.writing() as connection:
                if not self._known(connection):  # another process may have been faster
                    self._prepare(connection)

    def rows(self, where: str = "", values: Mapping[str, Any] | None = None) -> list[Any]:
        """Return the rows of the history in the order in which they were written."""
        from sqlalchemy import text

        query = f"SELECT id, {_listed()} FROM {HISTORY} {where} ORDER BY id"
        with self._said(), self._engine.connect() as connection:
            return list(connection.execute(text(query), dict(values or {})))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction; another writer waits for its end, at most `PATIENCE` seconds."""
        with self._said(), self._engine.execution_options(abkit_writes=True).begin() as connection:
            if self.dialect == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(PATIENCE)}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({KEY})")
            yield connection

    @staticmethod
    def read_in(connection: Connection, where: str, values: Mapping[str, Any]) -> list[Any]:
        """Return rows as the transaction sees them."""
        from sqlalchemy import text

        query = f"SELECT id, {_listed()} FROM {HISTORY} {where} ORDER BY id"
        return list(connection.execute(text(query), dict(values)))

    @staticmethod
    def append(connection: Connection, row: Mapping[str, str]) -> None:
        """Write one row, column → value (`COLUMNS`); every value is bound."""
        from sqlalchemy import text

        values = ", ".join(f":{column}" for column in COLUMNS)
        connection.execute(text(f"INSERT INTO {HISTORY} ({_listed()}) VALUES ({values})"), dict(row))

    def close(self) -> None:
        """Let the file or the connections go."""
        self._engine.dispose()

    def _connected(self) -> Engine:
        from sqlalchemy import create_engine, event

        if self.dialect == "postgresql":
            try:
                return create_engine(self.url, pool_pre_ping=True)
            except ImportError:
                hint = "Install it: pip install 'abkit-lab[engines]'."
                raise _check.fail("url", "needs the package psycopg", self.shown, hint) from None
        engine = create_engine(self.url, connect_args={"timeout": PATIENCE})

        @event.listens_for(engine, "connect")
        def plain(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # sqlite3 opens no transaction of its own: BEGIN is said below
            connection.execute("PRAGMA synchronous = FULL")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            writes = connection.get_execution_options().get("abkit_writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _known(self, connection: Connection) -> bool:
        """Say whether the tables are there, and refuse those of another version or of another program."""
        from sqlalchemy import inspect

        tables = set(inspect(connection).get_table_names())
        if ABOUT in tables:
            found = connection.exec_driver_sql(f"SELECT version FROM {ABOUT}").scalar()
            if found is None or found > VERSION:
                got, hint = f"version {found} in {self.shown}", "Install a newer abkit to open it."
                raise _check.fail("url", f"must hold a registry of version {VERSION}", got, hint)
            return True
        if tables and self.dialect == "sqlite":
            held = ", ".join(sorted(tables)[:3])
            got = f"a database with the tables {held}"
            raise _check.fail("url", "must be a registry or a new file", got)
        return False

    def _prepare(self, connection: Connection) -> None:
        columns = ", ".join(f'"{column}" TEXT NOT NULL' for column in COLUMNS)
        for statement in (
            CREATE[self.dialect].format(columns=columns),
            f'CREATE INDEX abkit_history_name ON {HISTORY} ("name", id)',
            *REFUSE[self.dialect],
            f"CREATE TABLE {ABOUT} (version INTEGER NOT NULL)",
            f"INSERT INTO {ABOUT} VALUES ({VERSION})",
        ):
            connection.exec_driver_sql(statement)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what the database refuses into one sentence."""
        from sqlalchemy.exc import DBAPIError

        try:
            yield
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            if "locked" in reason or "lock timeout" in reason:
                need, hint = (
                    f"must be free within {PATIENCE:g} seconds",
                    "Another writer holds it: try again.",
                )
            else:
                need, hint = "must be a registry that can be opened", f"The database says: {reason}."
            raise _check.fail("url", need, self.shown, hint) from None


def now() -> str:
    """Return the time of a record: UTC, to the second.

    >>> len(now()), now()[-1]
    (20, 'Z')
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _listed() -> str:
    return ", ".join(f'"{column}"' for column in COLUMNS)


def _address(url: str | Path) -> Any:
    """A URL as SQLAlchemy reads it; anything without :// is the path of an SQLite file."""
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if isinstance(url, Path) or (isinstance(url, str) and url and "://" not in url):
        return _file(URL.create("sqlite", database=str(url)))
    try:
        made = make_url(_check.text("url", url))
    except ArgumentError:
        raise _check.fail(
            "url", "must be a path, sqlite:///FILE or postgresql://…", "text that is none"
        ) from None
    if made.get_backend_name() == "postgresql":
        return made.set(drivername="postgresql+psycopg") if made.drivername == "postgresql" else made
    if made.get_backend_name() != "sqlite":
        raise _check.fail("url", "must be SQLite or PostgreSQL", made.get_backend_name())
    return _file(made)


def _file(url: Any) -> Any:
    if url.database in (None, "", ":memory:"):
        raise _check.fail(
            "url", "must name a file: a registry that ends with the process keeps no promise", "none"
        )
    if not Path(url.database).parent.is_dir():
        raise _check.fail("url", "must lie in a folder that exists", url.database)
    return url
