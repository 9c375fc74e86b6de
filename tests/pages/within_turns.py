"""Opens every page in a new process, and prints what of it reads a disk, decodes or encodes while its script has the
turn that all scripts share: `python -m tests.pages.within_turns WORLD…`.
"""

import sys
import traceback
import zlib
from pathlib import Path

import segno
from PIL import Image

from robust_core.ui.server import script_turns, warmup
from tests.pages.opening import PAGES, open_page

CODE = (".py", ".pyc", ".so", ".pth", ".toml")
ROOT = Path(__file__).parents[2]
OWN = tuple(str(ROOT / name) for name in ("app.py", "pages/", "robust_core/"))
found: dict[str, str] = {}


def note(what: str) -> None:
    if not script_turns._has_turn():
        return
    frames = [
        frame for frame in traceback.extract_stack() if "importlib" in frame.filename or frame.filename.startswith(OWN)
    ]
    if any("importlib" in frame.filename for frame in frames):
        return  # a module that is imported when it is needed first
    found.setdefault(f"{Path(frames[-1].filename).relative_to(ROOT)}: {frames[-1].name}", what)


def look(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[0], str) and not arguments[0].endswith(CODE):
        note(f"opens {Path(arguments[0]).name}")
    elif event in ("os.scandir", "os.listdir"):
        note("lists a folder")


def noting(owner, name: str) -> None:
    work = getattr(owner, name)

    def noted(*given, **named):
        note(f"{owner.__name__}.{name}")
        return work(*given, **named)

    setattr(owner, name, noted)


def main() -> None:
    warmup.wait()
    sys.addaudithook(look)
    for name in ("load", "resize", "save"):
        noting(Image.Image, name)
    for owner, name in ((Image, "open"), (zlib, "decompress"), (segno, "make")):
        noting(owner, name)
    for world in sys.argv[1:]:
        for path in PAGES.values():
            app = open_page(path, world=world)
            assert not app.exception, (world, path)
    for where, what in found.items():
        print(f"{where}: {what}")


if __name__ == "__main__":
    main()
