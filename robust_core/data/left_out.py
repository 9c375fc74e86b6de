"""What of a folder is no part of the images of a data set, in words: links, what systems leave behind, other files,
other folders.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from robust_core.data.listings import listing
from robust_core.images import shown_name

LINKS_ADVICE = "Links are not followed: copy the files (cp -rL does), or name the folder that they lead to."
MOST_NAMED = 3


def counted(n: int, one: str, many: str) -> str:
    """`n` of something in words; nothing for 0."""
    return "" if not n else f"1 {one}" if n == 1 else f"{n:,} {many}"


def left_out(
    folders: Iterable[Path], strange: Sequence[str], *, stray: int = 0, empty: int = 0, no_label: int = 0
) -> tuple[str, ...]:
    """The sentences about what is left out of a set of images, none where nothing is.

    Counted are the entries of `folders` that no listing shows. `strange` are the paths of subfolders that the layout
    does not explain; `stray` counts images outside class folders, `empty` class folders without images, `no_label`
    images that a list of labels does not name.
    """
    found = [listing(folder) for folder in folders]
    links = sum(one.links for one in found)
    named = ", ".join("/".join(map(shown_name, one.split("/"))) for one in strange[:MOST_NAMED]) + (
        ", …" if len(strange) > MOST_NAMED else ""
    )
    parts = (
        counted(len(strange), f"folder that is no part of it ({named})", f"folders that are no part of it ({named})"),
        counted(stray, "image outside the class folders", "images outside the class folders"),
        counted(no_label, "image without a label in the list", "images without a label in the list"),
        counted(empty, "class folder without images", "class folders without images"),
        counted(links, "link", "links"),
        counted(sum(one.hidden for one in found), "hidden or system entry", "hidden or system entries"),
        counted(sum(one.others for one in found), "file of another type", "files of other types"),
        counted(
            sum(not one.readable for one in found), "folder that cannot be opened", "folders that cannot be opened"
        ),
    )
    if not any(parts):
        return ()
    return (f"Left out: {'; '.join(filter(None, parts))}.", *([LINKS_ADVICE] if links else []))
