"""Every scene of the shipped lesson opens its page in the state that its link names."""

import pytest

from robust_core.lesson.lesson_file import shipped_lesson
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, open_page


@pytest.mark.parametrize("scene", shipped_lesson().scenes, ids=lambda scene: scene.key)
def test_the_page_of_a_scene_knows_its_whole_state(scene):
    warmup.wait()
    app = open_page(PAGES[scene.page], **{name: list(values) for name, values in scene.state.items()})
    assert not app.exception
    assert "The link asks for" not in all_words(app)
    held = app.session_state
    assert {name for name in scene.state if name in held} == set(scene.state), "a control reads every parameter"
    for name, values in scene.state.items():
        value = held[name]
        assert [str(one) for one in (value if isinstance(value, list) else [value])] == list(values), name
