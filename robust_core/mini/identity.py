"""Which world this is: a hash of what draws the pictures, never of the pixels, which differ by a level between
processors and libraries.

That the same source still draws the same pictures is what the stored fingerprint tests (`cache/mini/fingerprint/`).
"""

import ast
import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from robust_core.mini.splits import SPLITS

WORLD_VERSION = 1
DRAWING_MODULES = (
    "backgrounds",
    "dials",
    "dice",
    "noise",
    "pen",
    "photograph",
    "profiles",
    "shapes",
    "splits",
    "textures",
    "world",
)


@cache
def generator_hash() -> str:
    """Sixteen hexadecimal digits over every dial, the drawing source without comments and docstrings, and
    WORLD_VERSION.
    """
    folder = Path(__file__).parent
    code = {name: _without_words((folder / f"{name}.py").read_text("utf-8")) for name in DRAWING_MODULES}
    identity = {"version": WORLD_VERSION, "splits": [asdict(split) for split in SPLITS.values()], "code": code}
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def _without_words(source: str) -> str:
    """The source as its syntax tree reads, so that an edited comment or docstring makes no new world."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
