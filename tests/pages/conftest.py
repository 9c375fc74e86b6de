"""What every test of a page has."""

import pytest


@pytest.fixture(autouse=True)
def own_cache(own_cache):
    """The cache folder of its own, asked for or not."""
