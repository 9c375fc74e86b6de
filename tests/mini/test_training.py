from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from robust_core.errors import BadInput, NotFinite, UnknownName
from robust_core.events import Progress, result_of
from robust_core.mini import training
from robust_core.mini.training import Run, Trained, train
from robust_core.mini.weights import normalised
from tests.outcomes import events_and_result


def states_equal(first, second):
    first, second = load_file(first), load_file(second)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_training_reports_every_step_and_ends_with_the_model(few_recipes, tmp_path):
    progress, trained = events_and_result(train("two_phases", 0, tmp_path))
    assert isinstance(trained, Trained)
    assert trained.path == tmp_path / "two_phases.safetensors"
    steps = [event for event in progress if event.unit == "steps"]
    assert [event.done for event in steps] == [1, 2, 3, 4] * 2
    assert all(isinstance(event, Progress) for event in progress)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["two_phases.safetensors"], "nothing else is left behind"


@pytest.mark.parametrize("key", ["two_phases", "distilled"])
@pytest.mark.parametrize("steps_before_the_cut", [3, 4, 7])
def test_a_broken_off_run_ends_as_an_unbroken_one_does(few_recipes, tmp_path, steps_before_the_cut, key):
    unbroken = result_of(train(key, 0, tmp_path / "unbroken")).path
    steps = 0
    events = train(key, 0, tmp_path / "broken")
    for event in events:
        steps += event.unit == "steps"
        if steps == steps_before_the_cut:
            break
    events.close()
    repeated, trained = events_and_result(train(key, 0, tmp_path / "broken"))
    assert sum(event.unit == "steps" for event in repeated) < 8
    assert states_equal(unbroken, trained.path)


def test_a_finished_model_is_not_trained_again(few_recipes, tmp_path):
    first = result_of(train("two_phases", 0, tmp_path))
    assert events_and_result(train("two_phases", 0, tmp_path)) == ([], first)


def test_another_seed_or_world_is(few_recipes, tmp_path, monkeypatch):
    first = load_file(result_of(train("attacked", 0, tmp_path)).path)
    second = load_file(result_of(train("attacked", 1, tmp_path)).path)
    assert not torch.equal(first["conv1.weight"], second["conv1.weight"])
    monkeypatch.setattr("robust_core.mini.weights.WORLD", "another world")
    assert list(train("attacked", 1, tmp_path)), "it takes steps"


def test_training_leaves_the_global_random_numbers_alone(few_recipes, tmp_path):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    result_of(train("attacked", 0, tmp_path))
    assert torch.equal(torch.rand(3), expected)


def test_the_adversary_stays_in_its_ball_and_raises_the_loss(few_recipes, tmp_path):
    run = Run(few_recipes["attacked"], 0, tmp_path / "attacked.safetensors", "cpu", torch.float32)
    torch.nn.init.normal_(run.network.layer4[0].bn3.weight)
    pixels, labels = torch.rand(8, 3, 64, 64), torch.arange(8)
    adversary = few_recipes["attacked"].phases[0].adversary
    attacked = run._attacked(pixels, labels, adversary, done_fraction=1.0)
    assert (attacked - pixels).abs().max() <= adversary.eps + 1e-6
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    run.network.eval()
    assert run._loss(attacked, labels) > run._loss(pixels, labels)


def test_the_adversary_grows_from_nothing(few_recipes, tmp_path):
    run = Run(few_recipes["attacked"], 0, tmp_path / "attacked.safetensors", "cpu", torch.float32)
    pixels, labels = torch.rand(4, 3, 64, 64), torch.arange(4)
    adversary = few_recipes["attacked"].phases[0].adversary
    assert torch.equal(run._attacked(pixels, labels, adversary, done_fraction=0.0), pixels)
    half = run._attacked(pixels, labels, adversary, done_fraction=adversary.ramp_fraction / 2)
    assert (half - pixels).abs().max() == pytest.approx(adversary.eps / 2, abs=1e-6)


def test_a_student_begins_anew_and_learns_what_its_teacher_says(few_recipes, tmp_path):
    run = Run(few_recipes["distilled"], 0, tmp_path / "distilled.safetensors", "cpu", torch.float32)
    first = run.network
    result_of(run.events())
    assert run.teacher is first
    assert run.network is not first
    levels = torch.randint(0, 256, (5, 3, 64, 64), dtype=torch.uint8)
    expected = (first(normalised(levels.float() / 255)) / 20).softmax(1)
    torch.testing.assert_close(run._taught(levels, 20.0), expected, atol=1e-4, rtol=0)
    softer = run._taught(levels, 2000.0)
    assert (softer - 1 / 16).abs().max() < (expected - 1 / 16).abs().max()


def test_noise_is_drawn_anew_for_every_image(few_recipes, tmp_path, monkeypatch):
    seen = []
    loss = Run._loss
    monkeypatch.setattr(Run, "_loss", lambda run, pixels, *rest: seen.append(pixels) or loss(run, pixels, *rest))
    run = Run(few_recipes["noisy"], 0, tmp_path / "noisy.safetensors", "cpu", torch.float32)
    phase = replace(few_recipes["noisy"].phases[0], epochs=1)
    pixels = torch.full((64, 3, 64, 64), 128, dtype=torch.uint8)
    list(run._fit(phase, pixels, torch.zeros(64, dtype=torch.long), None))
    noise = torch.cat(seen) - 128 / 255
    assert noise.std() == pytest.approx(0.25, rel=0.01)
    assert not torch.equal(noise[0], noise[1])


def test_a_network_learns(few_recipes, tmp_path):
    """Twelve times over the same images, the loss falls well below that of guessing, log 16."""
    phase = few_recipes["two_phases"].phases[1]
    run = Run(few_recipes["two_phases"], 0, tmp_path / "two_phases.safetensors", "cpu", torch.float32)
    longer = replace(phase, epochs=12, peak_learning_rate=2e-3)
    pixels, labels = result_of(training._training_set(longer, 0))
    losses = [float(event.note.rsplit(" ", 1)[1]) for event in run._fit(longer, pixels, labels, None)]
    assert losses[0] == pytest.approx(2.77, abs=0.6)
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("no_model", 0), UnknownName), (("attacked", -1), BadInput), (("attacked", 0, "float16"), BadInput)],
)
def test_what_cannot_be_trained_is_refused(few_recipes, tmp_path, arguments, error):
    key, seed, *precision = arguments
    with pytest.raises(error):
        result_of(train(key, seed, tmp_path, precision=precision[0] if precision else "float32"))
    assert not list(tmp_path.iterdir())


def test_a_training_that_diverges_is_said_and_saves_nothing(few_recipes, tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "_loss", lambda run, pixels, labels, *_: run.network.fc.weight.sum() * float("inf"))
    with pytest.raises(NotFinite, match="training of two_phases diverged"):
        result_of(train("two_phases", 0, tmp_path))
    assert not list(tmp_path.rglob("*.safetensors"))
