"""Source × target on networks in closed form: what transfers is known, and the diagonal is the white-box attack."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.attacks import table
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.search import attack
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI, own_label_space
from robust_core.studies import transfer_matrix
from robust_core.studies.transfer_matrix import TransferCell, TransferMatrixRequest, cells_so_far
from tests.attacks.networks import constant, shifted
from tests.outcomes import events_and_result
from tests.tiny import convolutional, images

EPS = 4 / 255


def named(model, name, side_px=8):
    """The same network under another name, perhaps of another input size."""
    model.spec = replace(model.spec, key=name, title=name, preprocess=replace(model.spec.preprocess, crop=side_px))
    return model


def image_set(pixels, label=None):
    levels = (pixels * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return ImageSet.of(
        [LabelledImage(rgb, label, f"image {at}", "a test", f"{at} {rgb.sum()}", MINI) for at, rgb in enumerate(levels)]
    )


def even(n=3, side_px=8):
    return image_set(torch.full((n, 3, side_px, side_px), 127 / 255))


def pgd(eps=EPS, **changes):
    return replace(AttackConfig.of("pgd", "linf", eps, 10), **changes)


def matrix(*specs, of=None, how=None):
    request = TransferMatrixRequest(specs, even() if of is None else of, how or pgd())
    return {(cell.source.key, cell.target.key): cell for cell in result_of(transfer_matrix.run(request)).cells}


def fooled(cell):
    return int((cell.clean & ~cell.attacked).sum())


def test_the_diagonal_is_the_white_box_attack_bit_for_bit(held):
    models = [named(convolutional(seed=seed), f"net{seed}") for seed in (0, 1)]
    of, how = image_set(images(8)), pgd(8 / 255)
    found = matrix(*map(held, models), of=of, how=how)
    for model in models:
        cell = found[model.spec.key, model.spec.key]
        white_box = result_of(attack(model, images(8), None, how))
        assert cell.attacked.tolist() == (~white_box.broken).tolist()
        assert white_box.broken.any()
        assert cell.clean.all()
        assert cell.input_px == cell.grid_px == (8, 8)


def test_equal_networks_fall_alike_whoever_is_attacked(held):
    pair = [held(named(convolutional(), name)) for name in ("one", "other")]
    found = list(matrix(*pair, of=image_set(images(8)), how=pgd(8 / 255)).values())
    assert fooled(found[0]) > 0
    for cell in found[1:]:
        assert cell.attacked.tolist() == found[0].attacked.tolist()
        assert cell.noise.tolist() == found[0].noise.tolist()


def test_a_constant_network_is_neither_fooled_nor_a_source_of_anything(held):
    found = matrix(held(named(constant(), "constant")), held(named(shifted(2 / 255), "shifted")))
    assert [fooled(found["shifted", target]) for target in ("shifted", "constant")] == [3, 0]
    assert [fooled(found["constant", target]) for target in ("shifted", "constant")] == [0, 0]


def test_the_attack_goes_on_after_success_and_hands_over_its_last_image_after_failure(held):
    """A ball of 4/255 takes the mean as far, which is beyond 1 and 3 of 255 and short of 6."""
    specs = [held(named(shifted(margin / 255), f"at {margin}")) for margin in (1, 3, 6)]
    found = matrix(*specs)
    for source in specs:
        assert [fooled(found[source.key, target.key]) for target in specs] == [3, 3, 0]
    assert all(cell.noise.all() for key, cell in found.items() if key[1] != "at 1")


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_models_of_other_input_sizes_judge_the_sources_grid(held, norm):
    """Resizing keeps the mean, so that what the ball does to it decides for every size."""
    eps = {"linf": EPS, "l2": EPS * (3 * 8 * 8) ** 0.5}[norm]
    small, large = named(shifted(3.5 / 255), "small"), named(shifted(3.5 / 255), "large", 12)
    found = matrix(held(small), held(large), of=even(side_px=12), how=pgd(eps, norm=norm))
    assert {key: (cell.grid_px, cell.input_px) for key, cell in found.items()} == {
        ("small", "small"): ((8, 8), (8, 8)),
        ("small", "large"): ((8, 8), (12, 12)),
        ("large", "small"): ((12, 12), (8, 8)),
        ("large", "large"): ((12, 12), (12, 12)),
    }
    ends = [3, 3, 3, 3] if norm == "linf" else [3, 3, 0, 0]  # on a larger grid the same L2 ball moves the mean by less
    assert [fooled(cell) for cell in found.values()] == ends
    assert "resizes it to 12 × 12 px (bilinear, antialiased)" in found["small", "large"].grid


def test_the_table_counts_all_images_and_those_that_are_right_when_clean(held):
    """Two of the five images are wrong when clean: 130 of 255 is beyond the margin."""
    levels = torch.tensor([127, 127, 127, 130, 130]) / 255
    of = image_set(levels.view(5, 1, 1, 1).expand(5, 3, 8, 8), label=0)
    spec = held(named(shifted(1 / 255), "shifted"))
    result = result_of(transfer_matrix.run(TransferMatrixRequest((spec,), of, pgd())))
    (row,) = result.frame.to_dict("records")
    assert (row["n"], row["n_right_when_clean"], row["n_labels_known"]) == (5, 3, 5)
    assert (row["accuracy_percent"], row["clean_accuracy_percent"], row["fooled_percent"]) == (0, 60, 100)
    assert row["low_percent"] == 0
    assert row["fooled_low_percent"] < row["fooled_percent"]
    assert row["white_box"]
    assert "8 × 8 px" in row["protocol"]
    assert result.figure().data[0].z.tolist() == [[0]]
    assert result.sentences()


def test_cells_come_as_they_are_made_and_progress_only_grows(held):
    specs = [held(named(shifted(margin / 255), f"at {margin}")) for margin in (1, 3)]
    events, result = events_and_result(transfer_matrix.run(TransferMatrixRequest(tuple(specs), even(), pgd())))
    assert tuple(cells_so_far(events)) == result.cells
    assert len(result.cells) == 4
    assert all(isinstance(event, Progress | TransferCell) for event in events)
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert {event.total for event in events if isinstance(event, Progress)} == {2 * (10 + 2)}


def test_what_cannot_be_compared_is_refused(monkeypatch):
    spec, other = shifted(1 / 255).spec, named(convolutional(), "other").spec
    with pytest.raises(BadInput, match="other classes than shifted"):
        TransferMatrixRequest((spec, replace(other, label_space=own_label_space("mine", ["a", "b"]))), even(), pgd())
    with pytest.raises(BadInput, match="twice"):
        TransferMatrixRequest((spec, spec), even(), pgd())
    with pytest.raises(BadInput, match="no images"):
        TransferMatrixRequest((spec,), ImageSet.of([]), pgd())
    monkeypatch.setitem(table.ATTACKS, "least", replace(table.ATTACKS["pgd"], key="least", minimal=True))
    with pytest.raises(BadInput, match="smallest change"):
        TransferMatrixRequest((spec,), even(), AttackConfig.of("least", "linf"))


def test_a_grid_that_is_not_square_fits_no_square_target(held):
    whole = named(shifted(1 / 255), "whole", None)
    wide = image_set(torch.full((1, 3, 8, 12), 127 / 255))
    assert fooled(matrix(held(whole), of=wide)["whole", "whole"]) == 1
    with pytest.raises(BadInput, match="12 × 8 px"):
        matrix(held(whole), held(named(shifted(1 / 255), "square")), of=wide)


def test_noise_is_inside_the_ball_and_the_same_for_every_target(held):
    seen = []
    model = named(shifted(1), "seen")
    forward = model.network.body.forward
    model.network.body.forward = lambda pixels: (seen.append(pixels.detach().clone()), forward(pixels))[1]
    matrix(held(model), of=even(2))
    noisy = [pixels for pixels in seen if 0 < (pixels - 127 / 255).abs().max() <= EPS + 1e-6]
    assert noisy
    assert np.isclose(float((seen[-2] - 127 / 255).abs().max()), EPS, rtol=0.1)


def test_a_part_of_the_matrix_is_what_its_models_come_to_alone(held):
    specs = [held(named(shifted(margin / 255), f"at {margin}")) for margin in (1, 3, 6)]
    whole = TransferMatrixRequest(tuple(specs), even(), pgd())
    part = result_of(transfer_matrix.run(whole)).of_models(specs[1:])
    alone = result_of(transfer_matrix.run(whole.for_models(specs[1:])))
    assert part.frame.equals(alone.frame)
    assert part.provenance.request == alone.provenance.request
