"""The command line. One module a command: `add(commands)` registers its parser and the function that runs it.

Exit codes: 0, every check that was asked for passed; 1, a check failed; 2, anything else, with one sentence
on the error stream and never a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import re
import sys
from typing import Any

from abkit import __version__

COMMANDS = (
    "opening",
    "machine",
    "demo_files",
    "sample_shares",
    "assigning",
    "planning",
    "analyzing",
    "registering",
)
TROUBLE = 2


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 anything else.

    argv: the words behind `abkit`; those of the process by default.

    >>> import io, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
    ...     first, again = main(["demo", folder]), main(["demo", folder])  # the files exist now
    >>> first, again
    (0, 2)
    """
    _tolerate_terminal()
    options: Any = argparse.Namespace()
    try:
        options = _parsed(argv)
        code = options.run(options)
        sys.stdout.flush()
        return code
    except ValueError as error:
        return _trouble(_in_options(str(error), getattr(options, "names", {})))
    except KeyboardInterrupt:
        return _trouble("stopped by Ctrl-C; nothing was left half written.")
    except BrokenPipeError:
        _silence()
        return _trouble("the reader of the output closed the pipe before its end.")
    except OSError as error:
        _silence()
        place = f" ({error.filename})" if error.filename else ""
        return _trouble(f"{(error.strerror or 'the system refused').lower()}{place}.")
    except Exception as error:  # a fault of ours: still one sentence, and no code that means a failed check
        return _trouble(
            f"unexpected {type(error).__name__}: {' '.join(str(error).split())}. Please report it."
        )


def _parsed(argv: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(
        prog="abkit", description="Learn, plan and check A/B tests.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"abkit {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        importlib.import_module(f"abkit.cli.{name}").add(commands)
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "lab":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.rest = rest
    return options


def _in_options(message: str, names: dict[str, str]) -> str:
    """Name what was typed: `p_treatment` becomes --lift where the command says so.

    >>> _in_options("`p_treatment` must lie below 1; got 2.", {"p_treatment": "--lift"})
    '--lift must lie below 1; got 2.'
    """
    return re.sub(r"`(\w+)`", lambda m: names.get(m[1], m[0]), message)


def _trouble(sentence: str) -> int:
    with contextlib.suppress(OSError):  # perhaps nobody listens on the error stream either
        print(f"abkit: {sentence}", file=sys.stderr, flush=True)
    return TROUBLE


def _tolerate_terminal() -> None:
    """What a terminal cannot show is replaced: a report must not die of an accent."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _silence() -> None:
    """Point the output at nothing, so that the interpreter's last flush cannot fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
