"""Freed memory stays with the process, where the C library can be told so."""

import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest

from robust_core import allocator

FAULTS = """
import resource, sys
import numpy as np
from robust_core.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        [np.ones(2**20) for _ in range(10)]  # ten layers of 8 MB, 20,480 pages, freed together
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_a_block_that_was_freed_is_there_for_the_next_without_a_page_fault():
    def faults(how: str) -> int:
        command = [sys.executable, "-c", FAULTS, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert faults("kept") < 1_000
    assert faults("as it comes") > faults("kept")


@pytest.mark.parametrize("library", [SimpleNamespace(), SimpleNamespace(mallopt=lambda _option, _value: 0)])
def test_another_library_is_left_alone(monkeypatch, library):
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _name: library)
    assert not allocator.keep_freed_memory()


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)
    assert not allocator.keep_freed_memory()
