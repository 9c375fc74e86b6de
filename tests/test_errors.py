import pytest

from robust_core import errors


def test_an_unknown_name_names_the_nearest():
    error = errors.UnknownName("model", "resnet5O", ["vgg16", "resnet50", "resnet18", "alexnet"])
    assert error.near[0] == "resnet50"
    assert str(error) == f"There is no model called 'resnet5O'; the nearest are {', '.join(error.near)}."


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_one_that_pages_catch_and_stands_in_the_drawn_tree(kind):
    assert issubclass(kind, errors.RobustError)
    assert kind.__name__ in errors.__doc__
