"""Fixtures that the tests of the commands share with those of what they run."""

from tests.mini.conftest import few_recipes
from tests.models.conftest import weights_folder

__all__ = ["few_recipes", "weights_folder"]
