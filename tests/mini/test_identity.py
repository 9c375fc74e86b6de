import subprocess
import sys

from robust_core.mini import identity
from robust_core.mini.identity import _without_words, generator_hash


def test_comments_and_docstrings_make_no_new_world():
    assert _without_words('"""A."""\ndef f(x):\n    """B."""\n    return x + 1  # c\n') == _without_words(
        "def f(x):\n    return (x + 1)"
    )


def test_numbers_do():
    assert _without_words("x = 1") != _without_words("x = 2")


def test_the_version_is_part_of_the_hash(monkeypatch):
    before = generator_hash()
    generator_hash.cache_clear()
    monkeypatch.setattr(identity, "WORLD_VERSION", identity.WORLD_VERSION + 1)
    changed = generator_hash()
    generator_hash.cache_clear()
    assert changed != before


def test_every_drawing_module_is_part_of_the_hash():
    """Whatever `splits` imports from the package, directly or not, draws."""
    code = (
        "import sys, robust_core.mini.splits; print(*(name.split('.')[-1] for name in sys.modules if "
        "name.startswith('robust_core.mini.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert sorted(loaded) == sorted(identity.DRAWING_MODULES)
