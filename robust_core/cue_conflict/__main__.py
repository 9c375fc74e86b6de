"""An old command, which says what it is called now."""

import sys

from robust_core.old_commands import print_new_name

if __name__ == "__main__":
    sys.exit(print_new_name("cue_conflict", sys.argv[1:]))
