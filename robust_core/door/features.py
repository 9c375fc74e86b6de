"""What excites a network, and what it is sensitive to."""

from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.door.given_images import as_image
from robust_core.door.models import choose_one
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.names import find
from robust_core.studies import feature_visualization as ascents
from robust_core.studies import input_gradient as gradients
from robust_core.studies.feature_experiments import EXPERIMENTS, PAPER_STEPS, Ascent
from robust_core.studies.feature_visualization import AscentFrames, AscentRequest, noise
from robust_core.studies.input_gradient import InputGradient, InputGradientRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def visualize_feature(
    model: "Models",
    target: int,
    image: Any = None,
    *,
    experiment: str = "unit",
    steps: int = PAPER_STEPS,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> AscentFrames:
    """Change an image until one unit or class of a network is excited (Orhan 2019), in at most `steps` steps of 1/255.

    target      the index of the unit, or of the class
    image       where it starts; None is uniform noise from `seed` at the model's input size
    experiment  "unit" (among the others, as the paper does), "unit_alone", "class", or "fool" (a class from noise)

    `.frames` are (H,W,3) uint8 at `.steps`, `.objective` is that of every step. Raises BadInput or UnknownName for
    arguments that do not fit.

    >>> import robust_core as rc
    >>> found = rc.visualize_feature("mini_resnext", 3, "mini/clean/dog/dog/7", steps=2, progress=False)
    >>> found.steps, found.frames[0].shape
    ((0, 1, 2), (64, 64, 3))
    """
    chosen = choose_one(model)
    known = {key: row.title for key, row in EXPERIMENTS.items() if row.maximizes != "nothing"}
    ascent = Ascent(find("experiment", experiment, known), target, steps)
    crop = chosen.specs[0].preprocess.crop
    start = noise(crop or 224, whole("seed", seed, 0)) if image is None else as_image(image)
    return drive(ascents.run(AscentRequest(chosen.specs, ascent, start)), progress, batch_size, "Features", chosen)


def input_gradient(
    model: "Models", image: Any, *, batch_size: BatchSize = "auto", progress: ShowProgress = True
) -> InputGradient:
    """How the logit of the prediction for one image would change with every value of it: `.gradient` (H,W,3), signed.

    >>> import robust_core as rc
    >>> rc.input_gradient("mini_resnext", "mini/clean/dog/dog/7", progress=False).gradient.shape
    (64, 64, 3)
    """
    chosen = choose_one(model)
    request = InputGradientRequest(chosen.specs, as_image(image))
    return drive(gradients.run(request), progress, batch_size, "Input gradient", chosen)
