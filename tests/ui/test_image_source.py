"""Which parameters the choice of images has in the link."""

import re

from robust_core.settings import PACKAGE
from robust_core.ui.image_source import PARAMETERS

FILES = ("image_source.py", "sample_picker.py", "worlds.py")
PERSISTENT = re.compile(r'key="(\w+)"[^()]*persist_state="session"')


def test_every_choice_that_follows_from_page_to_page_survives_the_way_back():
    found = {key for file in FILES for key in PERSISTENT.findall((PACKAGE / "ui" / file).read_text("utf-8"))}
    assert found == set(PARAMETERS)
