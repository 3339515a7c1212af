"""`python -m abkit` is the command `abkit`."""

import sys

from abkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
