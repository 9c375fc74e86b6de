"""A link, a job and a table of numbers are one request."""

import json

import pytest

from robust_core.jobs import queue
from robust_core.models import catalogue
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.ui.pgd_steps import attack_jobs
from robust_core.ui.pgd_steps.below_curves import result_of_run
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, button, open_page, run_until

PGD = {"world": "ImageNet", "n": "2", "set_seed": "3", "steps": "2", "eps": "1/255"}
GLASSES = {"world": "Mini", "mini_worn_stimuli": "3", "tab": "Glasses"}
CORRUPTED = {"world": "Mini", "n": "2", "tab": "Glasses", "worn_on": "Corrupted images"}
CONCEPTS = {"world": "Mini", "attributions_view": "Concepts", "concept_n": "4"}
CUES = {"world": "Mini", "mini_stimuli": "3", "tab": "Many"}


def asked(page: str, link: dict[str, str], run: str):
    """What Run asks for on a page that was opened by `link`."""
    warmup.wait()
    app = button(open_page(PAGES[page], **link), "Run").click().run()
    assert not app.exception
    return app, app.session_state[run]


@pytest.mark.parametrize(
    ("page", "link", "run", "another"),
    [
        ("pgd_steps", PGD, "pgd_run", {"steps": "3"}),
        ("pgd_steps", PGD, "pgd_run", {"set_seed": "4"}),
        ("pgd_steps", PGD, "pgd_run", {"eps": "2/255"}),
        ("shape_or_texture", CUES, "cue_run", {"mini_stimuli": "4"}),
        ("shape_or_texture", GLASSES, "glasses_glasses_run", {"glasses": "Grey"}),
        ("shape_or_texture", GLASSES, "glasses_glasses_run", {"mini_worn_stimuli": "4"}),
        ("shape_or_texture", CORRUPTED, "glasses_glasses_corruption_run", {"worn_severity": "5"}),
        ("features", {"world": "Mini", "from": "Noise"}, "feature_run", {"noise_seed": "5"}),
        ("features", {"world": "Mini", "features_view": "Layer biases"}, "layers_run", {"noise_sigma": "0.2"}),
        ("features", {"world": "Mini", "features_view": "Layer biases"}, "layers_run", {"bias_seed": "1"}),
        ("features", {"world": "Mini", "features_view": "Cue removal"}, "cues_run", {"cue_seed": "2"}),
        ("attributions", CONCEPTS, "concepts_run", {"concepts": "4"}),
        ("attributions", CONCEPTS, "concepts_run", {"concept_class": "car"}),
        ("features", {"world": "Mini", "features_view": "Gradient alignment"}, "alignment_run", {"set_seed": "2"}),
    ],
)
def test_the_same_link_is_the_same_request_and_another_is_another(ready, monkeypatch, page, link, run, another):
    monkeypatch.setattr(catalogue, "TABLE", (*ready, *MINI_REGISTRY))
    _, first = asked(page, link, run)
    _, again = asked(page, link, run)
    _, other = asked(page, link | another, run)
    assert first.key == again.key != other.key


def test_the_request_is_the_key_of_each_job_and_heads_the_table(ready):
    app, run = asked("pgd_steps", PGD, "pgd_run")
    slots = [attack_jobs.SLOT + spec.key for spec in run.specs]
    run_until(app, lambda app: not any(app.session_state["job_slots"][slot].active for slot in slots))
    keys = [app.session_state["job_slots"][slot].key for slot in slots]
    assert [key[:3] for key in keys] == [run.request.of(spec).key for spec in run.specs]
    assert {key[3] for key in keys} == {run.until_flat}, "beside it, where the attack may stop"
    found = [queue("device").find(key).result for key in keys]
    done = {spec.key: one.trajectories[spec.name] for spec, one in zip(run.specs, found, strict=True)}
    first, columns, *rows = result_of_run(run, done).csv_by_image().splitlines()
    header = json.loads(first.removeprefix("# "))
    assert {name: value for name, value in header.items() if name in run.request.identity} == run.request.identity
    assert header["threats"][0]["steps"] == 2
    assert columns.startswith("model,weights_sha256,step,image,")
    assert len(rows) == 2 * 3 * 2, "two models, steps 0 to 2, two images"
