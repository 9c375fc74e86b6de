"""Lesson: who starts a class has its desk, nobody else gets it, and no text of the page holds its secret before it is
asked for.
"""

import csv
import io

import pytest

from robust_core.lesson.bets import Number, Stimuli, Word
from robust_core.lesson.classroom import Phase
from robust_core.lesson.classrooms import CLASSROOMS
from robust_core.ui.lesson import desk_view, own_lesson, preparing, role
from robust_core.ui.server import warmup
from robust_core.ui.sharing import citation
from tests.lesson.lessons import LESSON
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

PAGE = PAGES["lesson"]


@pytest.fixture(autouse=True)
def ready(monkeypatch):
    """The short lesson stands for the shipped one, and needs no network."""
    warmup.wait()
    monkeypatch.setattr("robust_core.ui.lesson.choosing.shipped_lesson", lambda: LESSON)
    monkeypatch.setattr(preparing.class_shape_bias, "prepare_networks", lambda _bet: _nothing())
    yield
    for room in list(CLASSROOMS._rooms.values()):
        room.over = True


def _nothing():
    yield from ()
    return ()


def started():
    app = open_page(PAGE)
    button(app, "Start a class").click().run()
    return app


def desk_of(app):
    return app.session_state[role.DESK]


def everything(app):
    """All that the page shows or offers, labels and codes among it."""
    texts = [all_words(app), *(str(one.value) for one in (*app.code, *app.header, *app.title))]
    return "\n".join([*texts, *(one.label for one in app.button)])


def test_it_opens_with_the_scenes_and_starts_a_class():
    app = open_page(PAGE)
    assert not app.exception
    assert "What about fog?" in app.table[0].value["bet"].tolist()
    app = started()
    room = desk_of(app).classroom
    assert f"# {room.code}" in all_words(app)
    assert app.header[0].value == "Fog"
    assert not app.exception


def test_lock_reveal_and_next_move_the_class_and_show_its_bets():
    app = started()
    desk = desk_of(app)
    room = desk.classroom
    room.vote(room.join(), "fog", 0, 1)
    assert "later: 1" not in everything(app.run())
    button(app, "Lock").click().run()
    assert room.phase is Phase.LOCKED
    button(app, "Reveal").click().run()
    assert room.phase is Phase.REVEALED
    assert "Right in this class: **100% [21, 100]**, n = 1." in all_words(app)
    button(app, "Next").click().run()
    assert (room.scene.key, app.header[0].value) == ("left", "Left")
    room.vote(room.join(), "left", 0, 60)
    desk.set_phase(Phase.REVEALED)
    assert "Orhan 2019" in all_words(app.run())
    assert not app.exception


@pytest.mark.parametrize("place", range(len(LESSON.scenes)))
def test_every_kind_of_bet_is_shown_open_and_revealed_with_votes_and_without(place):
    app = started()
    desk = desk_of(app)
    room = desk.classroom
    desk.go(place)
    app.run()
    assert not app.exception
    for phase in (Phase.REVEALED, Phase.OPEN):
        desk.set_phase(phase)
        assert not app.run().exception
    vote = {"choice": 1, "number": 50, "place": [0.5, 0.5], "word": "fragile", "stimuli": 3}[room.scene.bet.kind]
    for part in range(room.scene.bet.parts):
        room.vote(room.join(), room.scene.key, part, vote)
    desk.set_phase(Phase.REVEALED)
    run_until(app, lambda app: not any(one.label == "Cancel" for one in app.button))
    assert not app.exception


def test_the_secret_gives_the_desk_once_by_link_and_is_gone_from_the_address():
    desk = CLASSROOMS.start(LESSON)
    link = {role.CODE: desk.classroom.code, role.SECRET: desk.recovery}
    app = open_page(PAGE, **link)
    assert f"# {desk.classroom.code}" in all_words(app)
    assert role.SECRET not in app.query_params
    assert desk.recovery not in everything(app)
    again = open_page(PAGE, **link)
    assert f"# {desk.classroom.code}" not in all_words(again)
    assert role.LOST in [one.value for one in again.error]


def test_a_link_that_names_a_class_says_what_became_of_it():
    room = CLASSROOMS.start(LESSON).classroom
    elsewhere = open_page(PAGE, **{role.CODE: room.code})
    assert [one.value for one in elsewhere.warning] == [role.ELSEWHERE.format(code=room.code)]
    assert elsewhere.text_input(key="back_code").value == room.code
    gone = open_page(PAGE, **{role.CODE: "<b>XX"})
    assert "There is no class" in gone.warning[0].value
    assert "class \\<b>XX any more" in gone.warning[0].value
    gone.button(key="start_class").click().run()
    assert not gone.exception
    assert not gone.warning
    assert desk_of(gone).classroom.code in gone.query_params[role.CODE]
    button(gone, "End the class").click().run()
    button(gone, "End it now").click().run()
    assert role.CODE not in gone.query_params
    assert not gone.warning


def test_a_student_has_no_desk_whatever_the_link_says():
    desk = CLASSROOMS.start(LESSON)
    seat = desk.classroom.join()
    for secret in ("", "true", seat, desk.classroom.code, "x" * 10_000):
        app = open_page(PAGE, **{role.CODE: desk.classroom.code, role.SECRET: secret, "seat": seat})
        assert not app.exception
        assert role.DESK not in app.session_state
    assert desk.classroom.place == 0


def test_no_text_of_the_page_holds_the_secret_until_it_is_asked_for():
    app = started()
    secret = desk_of(app).recovery
    assert secret not in everything(app)
    assert secret not in citation("Lesson", "http://localhost:8501/lesson", __import__("datetime").date.today())
    app.toggle(key="show_recovery").set_value(True).run()
    assert secret in everything(app)
    app.toggle(key="show_recovery").set_value(False).run()
    assert secret not in everything(app)


def test_votes_are_taken_away_by_the_lecturer_with_formulas_harmless():
    desk = CLASSROOMS.start(LESSON)
    seat = desk.classroom.join(name="=1+1")
    desk.classroom.vote(seat, "fog", 0, 2)
    (row,) = csv.DictReader(io.StringIO(desk_view.votes_csv(desk)))
    assert (row["scene"], row["part"], row["seat"], row["vote"]) == ("fog", "1", "1", "2")
    assert not row["name"].startswith("=")


def test_who_ends_the_class_is_back_at_the_beginning():
    app = started()
    room = desk_of(app).classroom
    button(app, "End the class").click().run()
    assert not room.over
    assert "nothing brings them back" in all_words(app)
    button(app, "End it now").click().run()
    assert room.over
    assert button(app, "Start a class")


def test_saved_states_become_a_lesson(monkeypatch):
    app = open_page(PAGE, lesson_from="Your own")
    assert own_lesson.EMPTY in [one.value for one in app.info]
    app.session_state[own_lesson.SCENES] = [LESSON.scenes[0]]
    app.run()
    assert not app.exception
    app.text_input(key="title_fog").set_value("Mist")
    app.text_area(key="options_fog").set_value("yes\n*no").run()
    (scene,) = app.session_state[own_lesson.SCENES]
    assert (scene.title, scene.bet.options, scene.bet.right) == ("Mist", ("yes", "no"), (1,))
    app.text_area(key="options_fog").set_value("one alone").run()
    assert app.session_state[own_lesson.SCENES] == [scene]
    assert any("2 to 8 different options" in one.value for one in app.error)


def test_the_shipped_lesson_can_be_made_ones_own_and_every_scene_kept_as_it_is():
    app = open_page(PAGE)
    button(app, "Make it my own").click().run()
    assert not app.exception
    assert app.session_state["lesson_from"] == "Your own"
    for scene in LESSON.scenes:
        app.selectbox(key=own_lesson.CHOSEN).set_value(scene.key).run()
        assert not app.exception
        assert not app.error
    assert app.session_state[own_lesson.SCENES] == list(LESSON.scenes)
    assert app.text_area(key=own_lesson.ABOUT).value == LESSON.about


def test_scenes_are_moved_and_removed_and_the_form_follows_them():
    app = open_page(PAGE)
    button(app, "Make it my own").click().run()
    button(app, "Move down").click().run()
    assert [scene.key for scene in app.session_state[own_lesson.SCENES]][:2] == ["left", "fog"]
    assert app.text_input(key="title_fog").value == "Fog"
    button(app, "Remove").click().run()
    assert not app.exception
    assert "fog" not in [scene.key for scene in app.session_state[own_lesson.SCENES]]
    assert app.selectbox(key=own_lesson.CHOSEN).value == "left"
    for _ in range(len(LESSON.scenes) - 1):
        button(app, "Remove").click().run()
    assert own_lesson.EMPTY in [one.value for one in app.info]
    last = LESSON.scenes[-1]
    button(app, f"Put back “{last.title}”").click().run()
    assert app.session_state[own_lesson.SCENES] == [last]
    assert not any("Put back" in one.label for one in app.button)


def test_a_bet_of_another_kind_takes_the_place_of_the_one_before():
    app = open_page(PAGE)
    button(app, "Make it my own").click().run()
    for kind, made in (("A number on a slider", Number), ("A word", Word), ("Images seen for a moment", Stimuli)):
        app.selectbox(key="kind_fog").set_value(kind).run()
        assert not app.exception
        assert type(app.session_state[own_lesson.SCENES][0].bet) is made
    app.selectbox(key="kind_fog").set_value("A number on a slider").run()
    app.number_input(key="Highest_fog").set_value(-1.0).run()
    assert any("high" in one.value for one in app.error)
