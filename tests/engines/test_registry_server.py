"""The registry of a team: the same plans, steps and refusals in PostgreSQL as in a file, and two writers at
once.
"""

import sys
import threading
from pathlib import Path

import pytest
import servers

from abkit import Registry
from abkit.registry import scorecard

sys.path.insert(0, str(Path(__file__).parent.parent))
from test_registry import NASTY, experiment  # noqa: E402

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def url():
    with servers.postgresql() as connection:
        yield f"postgresql://abkit@127.0.0.1:{connection.info.port}/postgres"


def test_a_plan_goes_its_way(url):
    with Registry(url) as registry:
        registry.add(experiment("way"))
        registry.start("way", at="2026-03-02")
        registry.pause("way", at="2026-03-04")
        registry.resume("way", at="2026-03-05")
        registry.complete("way", at="2026-03-15")
        with pytest.raises(ValueError, match="may go"):
            registry.start("way")
        assert [e.status for e in registry.history("way")] == [
            "draft",
            "running",
            "paused",
            "running",
            "completed",
        ]
        assert "way" in [e.name for e in registry.running("2026-03-03")]
        assert registry.get("way").yaml() == experiment("way").yaml()


@pytest.mark.parametrize("name", NASTY)
def test_names_are_inert(url, name):
    with Registry(url) as registry:
        registry.add(experiment(name), by=name, note=name)
        assert registry.get(name).name == name and "<script" not in scorecard.page(registry)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE abkit_history SET note = 'x'", "DELETE FROM abkit_history", "TRUNCATE abkit_history"],
)
def test_the_database_refuses_to_change_the_history(url, statement):
    import psycopg

    Registry(url).close()
    with psycopg.connect(url) as raw, pytest.raises(psycopg.Error, match="append-only"):
        raw.execute(statement)


def test_writers_at_once_all_succeed_and_one_start_wins(url):
    with Registry(url) as registry:
        registry.add(experiment("race"))
    wins, refused = [], []

    def write(side):
        with Registry(url) as own:
            for i in range(20):
                own.add(experiment(f"{side} {i}"))
            try:
                wins.append(own.start("race").name)
            except ValueError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=write, args=(side,)) for side in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Registry(url) as registry:
        names = {entry.name for entry in registry.entries()}
    assert {f"{side} {i}" for side in range(4) for i in range(20)} <= names
    assert len(wins) == 1 and len(refused) == 3 and all("may go" in text for text in refused)


def test_a_newer_version_is_refused(url):
    import psycopg

    Registry(url).close()
    with psycopg.connect(url) as raw:
        raw.execute("UPDATE abkit_registry SET version = 2")
    try:
        with pytest.raises(ValueError, match="Install a newer abkit"):
            Registry(url)
    finally:
        with psycopg.connect(url) as raw:
            raw.execute("UPDATE abkit_registry SET version = 1")
