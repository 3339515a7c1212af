"""Servers for the tests of engines, started for this run only; a machine that lacks one skips its tests.

`make test-engines` asks for them; `.ci/run` installs them first. Only a wrong arm can make a test fail.
"""

import importlib
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest


def lacking(reason):
    """Skip, with the reason; where every engine is required (CI), fail."""
    if os.environ.get("ABKIT_REQUIRE_ENGINES"):
        pytest.fail(f"{reason}, and ABKIT_REQUIRE_ENGINES is set")
    pytest.skip(reason)


def package(name):
    """An engine's client, imported; without it the engine is lacking."""
    try:
        return importlib.import_module(name)
    except ImportError:
        lacking(f"{name} is not installed")


def programs():
    """The newest folder of PostgreSQL's own programs, where Debian or the path has one."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4].split(".")[0])
    )
    found = versions[-1] if versions else shutil.which("initdb")
    if found is None:
        lacking("PostgreSQL is not installed")
    return Path(found).parent


def plain_user(folder):
    """What must stand before a command: PostgreSQL refuses root, so root hands over to the user postgres."""
    if os.getuid() != 0:
        return []
    if not shutil.which("runuser"):
        lacking("PostgreSQL refuses root, and runuser is not installed")
    shutil.chown(folder, "postgres", "postgres")
    return ["runuser", "-u", "postgres", "--"]


def run(command, folder):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
    )
    if done.returncode:
        lacking(f"PostgreSQL did not start: {command[-1]}")


@contextmanager
def postgresql():
    """A connection to a server of its own, on 127.0.0.1 and a free port, in a temporary folder."""
    psycopg = package("psycopg")
    where = programs()
    folder = Path(tempfile.mkdtemp(prefix="abkit-postgresql-"))
    try:
        user = plain_user(folder)
        run(
            [
                *user,
                where / "initdb",
                "-D",
                folder / "data",
                "-U",
                "abkit",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            folder,
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = f"-p {port} -h 127.0.0.1 -c unix_socket_directories= -c fsync=off"
        control = [*user, where / "pg_ctl", "-D", folder / "data", "-w", "-t", "60"]
        try:
            run([*control, "-l", folder / "log", "-o", options, "start"], folder)
            try:
                connection = psycopg.connect(
                    f"host=127.0.0.1 port={port} user=abkit dbname=postgres", connect_timeout=30
                )
            except psycopg.OperationalError as error:
                lacking(f"PostgreSQL does not answer: {error}")
            with connection:
                yield connection
        finally:
            subprocess.run(
                [str(p) for p in [*control, "-m", "immediate", "stop"]],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=120,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def spark(folder):
    """A Spark session on two cores, without network names or a web page."""
    sql = package("pyspark.sql")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        lacking("no Java runtime is installed")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = sql.SparkSession.builder.master("local[2]").appName("abkit").config("spark.ui.enabled", "false")
    options = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder),
    }
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # a Java too old or too little memory is no wrong arm
        lacking(f"Spark did not start: {type(error).__name__}")
    yield session
    session.stop()
