from dataclasses import replace

from robust_core.models.catalogue import get_spec
from robust_core.ui.shape_or_texture.making import favours


def test_whoever_gives_the_features_is_favoured_under_its_own_title():
    spec = replace(get_spec("resnet50"), title="*VGG*-19")
    assert favours(spec) == r"An image made with the features of \*VGG\*-19 favours \*VGG\*-19."
