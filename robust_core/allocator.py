"""How the C library hands out memory, set once for a process that is the project's own: a server or a command.

By default glibc returns a freed block of a megabyte to the system, and the next one comes back page by page, zeroed: an
eighth of the processor time of an attack on small networks (tests/bench/RESULTS.md, "PGD").
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
KEPT_BYTES = 256 * 2**20  # of freed memory at the end of the heap
MMAP_BYTES = 32 * 2**20  # the most that glibc takes; larger blocks come from the system one by one


def keep_freed_memory() -> bool:
    """Let freed blocks stay with the process for the next tensors; whether the C library can be told so."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, MMAP_BYTES) and mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))
