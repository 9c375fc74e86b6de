import json
from types import SimpleNamespace

from robust_core.jobs import Job, State
from robust_core.ui.server import job_watch
from robust_core.ui.server.job_watch import Watch


def look_at(path):
    name = path.removeprefix(job_watch.FOLDER)
    return job_watch._serve(SimpleNamespace(path_params={"name": name}))


def test_it_says_when_a_job_has_come_further_and_when_one_has_ended():
    job = Job("key", None)
    watch = Watch({"slot": job})
    first = json.loads(look_at(watch.path).body)
    assert first == {"standing": watch.standing, "progress": watch.progress, "live": None}
    job.events.append("event")
    second = json.loads(look_at(watch.path).body)
    assert second["standing"] == first["standing"]
    assert second["progress"] != first["progress"]
    job.state = State.DONE
    assert json.loads(look_at(watch.path).body)["standing"] != first["standing"]


def test_what_is_live_is_plain_json():
    watch = Watch({}, lambda: {"heights": [1.0, float("nan")], "over": False})
    assert json.loads(look_at(watch.path).body)["live"] == {"heights": [1.0, None], "over": False}


def test_a_watch_that_nobody_holds_is_gone_and_no_address_is_guessed():
    path = Watch({}).path
    assert look_at(path).status_code == 404
    one, other = Watch({}), Watch({})
    assert one.path != other.path
    assert len(one.path) > 20
