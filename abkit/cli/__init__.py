"""The command line. One module a command: `add(commands)` registers its parser and the function that runs it.

A command's function takes the parsed options and returns the exit code: 0 fine, 1 a check failed, 2 bad
input.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

COMMANDS = ("machine", "sample_shares", "assigning", "planning", "analyzing", "registering")
FINE, BAD_INPUT = 0, 2


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="abkit", description="Learn, plan and check A/B tests.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        importlib.import_module(f"abkit.cli.{name}").add(commands)
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "lab":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except ValueError as error:
        print(f"abkit: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
