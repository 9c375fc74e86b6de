"""Every string that a visitor reads as a page opens, to be read aloud: `python -m tests.pages.visible_strings`."""

import re
import sys
from collections.abc import Iterator

from streamlit.testing.v1 import AppTest

from tests.pages.opening import PAGES, open_page

WORDS_OF_CODE = re.compile(r":[\w/-]+:|:[a-z]+(?:-[a-z]+)?\[|[*_`#\]]|<[^>]+>|\[|\(http\S+\)|https?://\S+")
BADGE = re.compile(r":[a-z]+-badge\[")
END = re.compile(r"(?<=[.!?;:])[\s\"”]+(?=\S)|\n+|\s{5,}")
FIELDS = ("label", "help", "body", "placeholder", "text")


def strings_of(app: AppTest) -> Iterator[str]:
    """Labels, help, text; those of the sidebar first."""
    yield from dict.fromkeys(_below(app._tree))


def sentences(text: str) -> list[str]:
    """The sentences of a text, without what Markdown adds; a badge is one by itself."""
    plain = WORDS_OF_CODE.sub(" ", BADGE.sub("\n", text))
    return [part.strip() for part in END.split(plain) if part.strip()]


def _below(node) -> Iterator[str]:
    for child in getattr(node, "children", {}).values():
        for holder in (child, getattr(child, "proto", None)):
            for field in FIELDS:
                value = getattr(holder, field, "") if holder is not None else ""
                if isinstance(value, str) and value.strip() and not value.lstrip().startswith(("<style", ".st")):
                    yield value
        yield from _below(child)


if __name__ == "__main__":
    for page in sys.argv[1:] or PAGES:
        print(f"\n=== {page}")
        for text in strings_of(open_page(PAGES[page])):
            longest = max((len(one.split()) for one in sentences(text)), default=0)
            print(f"{longest:3}  {text}")
