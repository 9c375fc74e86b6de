"""An old command, which says what it is called now."""

import sys

from robust_core.old_commands import forward

if __name__ == "__main__":
    sys.exit(forward(__package__, sys.argv[1:]))
