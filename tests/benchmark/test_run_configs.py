"""What can be ordered and what not, what determines the predictions, and the words of the protocol."""

import json
from dataclasses import replace

import pytest

from robust_core.benchmark import run_configs
from robust_core.benchmark.attack_tasks import CLEAN_STANDS_IN, UNCLIPPED_START
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.experiments_imagenet import EVERY_OTHER
from robust_core.benchmark.run_configs import RunConfig
from robust_core.corruptions import frost_photos
from robust_core.corruptions.frost_photos import REFERENCE_SHA256, FrostSource
from robust_core.errors import BadInput, RobustError, UnknownName

PAPER_MODEL = "resnext101_32x8d_wsl"
FOG_3 = "corruption=fog severity=3"


@pytest.mark.parametrize(
    ("fields", "error", "sentence"),
    [
        (
            {"experiment_key": "imagenet-c"},
            UnknownName,
            "no experiment called 'imagenet-c'; the nearest are imagenet_c",
        ),
        ({"model_key": "resnet5O"}, UnknownName, "no model called 'resnet5O'"),
        (
            {"model_key": "mini_resnext"},
            BadInput,
            "ImageNet is for models with the classes of ImageNet; Mini ResNeXt has those of Mini",
        ),
        ({"limit": 0}, BadInput, "limit must be a whole number from 1 on; got 0"),
        ({"limit": -3}, BadInput, "limit must be a whole number from 1 on; got -3"),
        ({"limit": 2.0}, BadInput, "limit must be a whole number from 1 on; got 2.0"),
        ({"limit": True}, BadInput, "limit must be a whole number from 1 on; got True"),
        ({"seed": -1}, BadInput, "seed must be a whole number from 0 on; got -1"),
        ({"seed": "0"}, BadInput, "seed must be a whole number from 0 on; got '0'"),
        (
            {"experiment_key": "white_box_eps", "without": ("every_other",)},
            UnknownName,
            "quirk of white-box PGD by eps called 'every_other'; .*every_other_pic",
        ),
        ({"as_stored": True}, BadInput, "ImageNet corrupts no image live; its images are measured as they are."),
        ({"without": (UNCLIPPED_START,)}, UnknownName, "no quirk of ImageNet called 'unclipped_start'"),
        (
            {"experiment_key": "white_box_eps", "only": "eps=0.05"},
            UnknownName,
            "no condition of white-box PGD by eps called 'eps=0.05'",
        ),
    ],
)
def test_what_cannot_be_ordered_is_said_in_a_sentence(fields, error, sentence):
    with pytest.raises(error, match=sentence) as raised:
        RunConfig(**{"experiment_key": "imagenet", "model_key": "resnet50"} | fields)
    assert isinstance(raised.value, RobustError)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_every_experiment_can_be_ordered_with_and_without_each_of_its_quirks(key):
    row = EXPERIMENTS[key]
    config = RunConfig(key, "mini_resnext" if row.label_space.key == "mini" else PAPER_MODEL)
    assert config.quirks == {quirk.key for quirk in row.quirks}
    assert config.conditions == row.conditions
    for quirk in row.quirks:
        assert replace(config, without=(quirk.key,)).quirks == config.quirks - {quirk.key}


def test_everything_that_determines_the_predictions_is_in_the_identity(monkeypatch):
    config = RunConfig("black_box", PAPER_MODEL)
    others = [
        replace(config, experiment_key="white_box_eps"),
        replace(config, model_key="resnet50"),
        replace(config, limit=5),
        replace(config, seed=1),
        replace(config, without=(CLEAN_STANDS_IN,)),
        replace(config, only="eps=0.06"),
    ]
    identities = [json.dumps(one.identity, sort_keys=True) for one in (config, *others)]
    assert len(set(identities)) == len(identities)
    for key in (PAPER_MODEL, config.experiment.substitute):
        with monkeypatch.context() as patched:
            spec = run_configs.get_spec(key)
            altered = replace(spec, weights=replace(spec.weights, sha256="0" * 64))
            patched.setattr(
                run_configs,
                "get_spec",
                lambda asked, key=key, altered=altered, real=run_configs.get_spec: (
                    altered if asked == key else real(asked)
                ),
            )
            assert json.dumps(config.identity, sort_keys=True) != identities[0]
    monkeypatch.setitem(EXPERIMENTS, "black_box", replace(config.experiment, version=2))
    assert json.dumps(config.identity, sort_keys=True) not in identities


def test_the_weights_of_every_source_are_in_the_identity_of_what_they_attack_for_alone(monkeypatch):
    config = RunConfig("mini_transfer", "mini_resnext_wsl")
    sources = [one.words["source"] for one in config.conditions]
    assert config.other_models == tuple(sources)
    assert config.identity["sources_sha256"] == [run_configs.get_spec(key).weights.sha256 for key in sources]
    one = replace(config, only="source=mini_resnext")
    assert one.other_models == ("mini_resnext",)
    assert len(one.identity["sources_sha256"]) == 1
    assert "sources_sha256" not in RunConfig("mini_attacks", "mini_resnext").identity
    assert RunConfig("black_box", PAPER_MODEL).other_models == ("resnext50_32x4d",)
    assert RunConfig("mini", "mini_resnext").other_models == ()


@pytest.fixture
def no_photos(monkeypatch):
    """No photos of frost anywhere."""
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)


def test_procedural_frost_is_another_run_and_another_protocol_where_images_are_frosted_live(monkeypatch, no_photos):
    live, fog = RunConfig("mini_c", "mini_resnext"), RunConfig("mini_c", "mini_resnext", only=FOG_3)
    stored = RunConfig("imagenet_c", PAPER_MODEL)
    assert live.identity["frost"] == "procedural frost"
    assert live.protocol == "Corrupted live, 64 px; procedural frost"
    assert "frost" not in {**fog.identity, **stored.identity}
    source = FrostSource("the reference's", None, REFERENCE_SHA256)
    monkeypatch.setattr(run_configs, "frost_source", lambda: source)
    assert "frost" not in live.identity
    assert live.protocol == "Corrupted live, 64 px"


def test_as_stored_is_another_run_and_said(no_photos):
    config = RunConfig("mini_c", "mini_resnext", only=FOG_3)
    stored = replace(config, as_stored=True)
    assert stored.identity == config.identity | {"as_stored": True}
    assert stored.protocol == "Corrupted live, 64 px; JPEG of quality 85, as stored"


def test_where_the_images_lie_and_in_which_order_quirks_are_named_determines_nothing(tmp_path):
    config = RunConfig("white_box_eps", PAPER_MODEL, without=(EVERY_OTHER, CLEAN_STANDS_IN))
    assert replace(config, data=tmp_path).identity == config.identity
    assert replace(config, without=(CLEAN_STANDS_IN, EVERY_OTHER)).identity == config.identity


def test_one_condition_may_be_asked_for_alone():
    assert RunConfig("white_box_eps", PAPER_MODEL, only="eps=0.06").conditions == ("eps=0.06",)
    assert RunConfig("imagenet", PAPER_MODEL, only="").conditions == ("",)


# Protocols


def test_a_protocol_without_departures_is_the_published_one():
    assert RunConfig("imagenet", PAPER_MODEL).protocol == "Shorter side to 256 px (bilinear), centre 224 px"
    assert RunConfig("imagenet_c", PAPER_MODEL).protocol == "Stored images (JPEG) as they are, 224 px"
    assert RunConfig("mini", "mini_resnext").protocol == "Clean test set"


def test_what_is_implied_goes_without_saying_and_anything_else_is_said():
    config = RunConfig("white_box_eps", PAPER_MODEL)
    usual = config.spec.preprocess
    assert not config.protocol.startswith("Shorter")
    other = replace(config.spec, preprocess=replace(usual, resize=232))
    assert (
        config.experiment.preprocessing(other)
        == "Shorter side to 232 px (bilinear), centre 224 px"
        != config.experiment.implied
    )


def test_every_departure_is_named():
    config = RunConfig(
        "white_box_eps", PAPER_MODEL, limit=1_234, seed=7, without=(UNCLIPPED_START, CLEAN_STANDS_IN, EVERY_OTHER)
    )
    assert config.protocol == (
        "Targeted at a random class, L-inf, step 2/255, random start, stops at the first success; the start clipped "
        "to [0, 1]; "
        "the attacked image is scored in any case; all validation images; 1,234 images drawn with seed 7"
    )
