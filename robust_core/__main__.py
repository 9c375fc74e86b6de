"""The commands of `robust_core.cli`."""

import sys

from robust_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
