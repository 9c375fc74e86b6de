"""A class: votes count once, the lecturer alone moves it, and nothing is left when it ends."""

import gc
import threading
import weakref

import pytest

from robust_core.errors import BadInput, QueueFull
from robust_core.lesson import classrooms
from robust_core.lesson.classroom import MOST_SEATS, Classroom, Desk, Phase
from robust_core.lesson.classrooms import CODE_LENGTH, LETTERS, Classrooms
from tests.lesson.lessons import LESSON


@pytest.fixture
def desk():
    return Classrooms().start(LESSON)


def test_thirty_vote_at_once_and_each_is_counted_once(desk):
    room = desk.classroom
    seats = [room.join() for _ in range(30)]
    start = threading.Barrier(30)

    def vote(number, seat):
        start.wait()
        for _ in range(5):
            room.vote(seat, "fog", 0, number % 3)

    threads = [threading.Thread(target=vote, args=one) for one in enumerate(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally = room.tally("fog")
    assert tally.n == 30
    assert tally.counts() == {"sooner": 10, "later": 10, "never": 10}
    assert tally.right.estimate == pytest.approx(10 / 30)


def test_who_comes_back_keeps_seat_and_vote_and_may_change_it(desk):
    room = desk.classroom
    seat = room.join()
    room.vote(seat, "fog", 0, 2)
    assert room.join(seat) == seat
    assert room.votes_of(seat, "fog") == {0: 2}
    room.vote(seat, "fog", 0, 1)
    assert room.tally("fog").by_part == ((1,),)
    assert (room.seats, room.number_of(seat)) == (1, 1)


def test_a_vote_is_taken_while_its_scene_is_on_and_open_and_no_longer(desk):
    room = desk.classroom
    seat = room.join()
    for phase in (Phase.LOCKED, Phase.REVEALED):
        desk.set_phase(phase)
        with pytest.raises(BadInput, match="are locked"):
            room.vote(seat, "fog", 0, 1)
    desk.go(1)
    room.vote(seat, "left", 0, 50)
    with pytest.raises(BadInput, match="at another scene: “Left”"):
        room.vote(seat, "fog", 0, 1)
    desk.go(0)
    assert room.phase is Phase.REVEALED, "a scene stays as it was left"
    desk.set_phase(Phase.OPEN)
    room.vote(seat, "fog", 0, 1)


@pytest.mark.parametrize(
    ("seat", "scene", "part", "vote", "said"),
    [
        ("", "fog", 0, 1, "none of this class"),
        ("stranger", "fog", 0, 1, "none of this class"),
        (None, "nowhere", 0, 1, "no scene 'nowhere'"),
        (None, "fog", 1, 1, "from 0 to 0; got 1"),
        (None, "fog", True, 1, "got True"),
        (None, "fog", 0, 3, "from 0 to 2"),
    ],
)
def test_what_is_no_vote_of_this_class_is_refused_and_counts_nothing(desk, seat, scene, part, vote, said):
    own = desk.classroom.join()
    with pytest.raises(BadInput, match=said):
        desk.classroom.vote(own if seat is None else seat, scene, part, vote)
    assert desk.classroom.tally("fog").n == 0


def test_a_secret_gives_the_desk_once_and_no_other_secret_does(desk):
    room, secret = desk.classroom, desk.recovery
    for wrong in ("", "x", secret[:-1], secret.swapcase(), "\ud800"):
        assert room.redeem(wrong) is None
    again = room.redeem(secret)
    assert isinstance(again, Desk)
    assert room.redeem(secret) is None, "it is worth nothing the second time"
    assert room.redeem(again.recovery) is not None


def test_a_classroom_holds_no_secret_and_moves_nothing_by_itself(desk):
    assert desk.recovery.encode() not in b"".join(
        value for value in vars(desk.classroom).values() if isinstance(value, bytes)
    )
    students = {name for name in dir(Classroom) if not name.startswith("_")}
    assert not students & {"go", "set_phase", "set_answers", "let_roam", "show_leaderboard", "rows", "end"}


def test_every_change_tells_once_and_votes_are_no_move(desk):
    room, told = desk.classroom, []
    room.listeners.add(lambda: told.append((room.moved, room.voted)))
    seat = room.join()
    room.vote(seat, "fog", 0, 1)
    room.vote(seat, "fog", 0, 1)  # the same again
    desk.set_phase(Phase.LOCKED)
    desk.go(1)
    assert told == [(0, 1), (0, 2), (1, 2), (2, 2)]


def test_the_leaderboard_counts_revealed_bets_alone(desk):
    room = desk.classroom
    right, wrong = room.join(name="Ada"), room.join()
    room.vote(right, "fog", 0, 1)
    room.vote(wrong, "fog", 0, 0)
    assert room.leaders() == []
    desk.set_phase(Phase.REVEALED)
    assert room.leaders() == [("Ada", 1, 1)]


def test_rows_have_every_vote_with_its_seat(desk):
    room = desk.classroom
    seat = room.join(name="  Ada <b> ")
    room.vote(seat, "fog", 0, 1)
    (row,) = desk.rows()
    assert row == {
        "scene": "fog",
        "part": 1,
        "seat": 1,
        "name": "Ada <b>",
        "vote": 1,
        "answer": "later",
        "right": True,
        "seconds": row["seconds"],
    }
    assert 0 <= row["seconds"] < 10


def test_two_classes_do_not_mix():
    rooms = Classrooms()
    first, second = rooms.start(LESSON), rooms.start(LESSON)
    seat = first.classroom.join()
    assert first.classroom.code != second.classroom.code
    with pytest.raises(BadInput, match="none of this class"):
        second.classroom.vote(seat, "fog", 0, 1)
    assert second.classroom.redeem(first.recovery) is None


def test_a_code_is_found_in_small_letters_too_and_not_after_the_end():
    rooms = Classrooms()
    desk = rooms.start(LESSON)
    code = desk.classroom.code
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(LETTERS)
    assert rooms.find(f" {code.lower()} ") is desk.classroom
    desk.classroom.vote(desk.classroom.join(), "fog", 0, 1)
    desk.end()
    assert rooms.find(code) is None
    assert desk.rows() == []
    with pytest.raises(BadInput, match="over"):
        desk.classroom.join()


def test_a_class_that_nobody_uses_makes_room(monkeypatch):
    rooms = Classrooms(most=2)
    room = weakref.ref(rooms.start(LESSON).classroom)
    rooms.start(LESSON)
    with pytest.raises(QueueFull, match="2 classes are held here already"):
        rooms.start(LESSON)
    monkeypatch.setattr(classrooms, "IDLE_SECONDS", -1.0)
    assert rooms.find(room().code) is None
    rooms.start(LESSON)
    gc.collect()
    assert room() is None
    assert len(rooms) == 1


def test_a_class_has_so_many_seats_and_no_more(desk):
    for _ in range(MOST_SEATS):
        desk.classroom.join()
    with pytest.raises(BadInput, match="full"):
        desk.classroom.join()


def test_a_name_is_short(desk):
    with pytest.raises(BadInput, match="at most 24 characters"):
        desk.classroom.join(name="x" * 25)
