"""The models of the mini family that stand for defences: distilled ones, and ones that were trained on noise.

They come after all others. Card and full benchmarks are of the family alone, but for attacks and certificates; what
these are worth, the study of defences says.
"""

from robust_core.models.registry_mini import CLEAN_800, mini_row
from robust_core.models.spec import ModelSpec

DISTILLED = "Defensively distilled"
NOISE = "Trained on noise"

MINI_DEFENCES: tuple[ModelSpec, ...] = (
    mini_row(
        "mini_resnext_distilled_1",
        "Mini ResNeXt, distilled at T = 1",
        DISTILLED,
        f"{CLEAN_800}, labelled by a teacher",
        "7a918ebe77e73c5dcee5620b13a615e1b875db3aa974970f08c9aa7454efeb67",
        481_808,
        "Defensive distillation: the student of a teacher, both trained at temperature 1, tested at 1.",
    ),
    mini_row(
        "mini_resnext_distilled_20",
        "Mini ResNeXt, distilled at T = 20",
        DISTILLED,
        f"{CLEAN_800}, labelled by a teacher",
        "032ccd2e9e4fd2134c02846ae23b5c6e243afb634969f5a0914636022514bc9c",
        481_808,
        "Defensive distillation: the student of a teacher, both trained at temperature 20, tested at 1.",
    ),
    mini_row(
        "mini_resnext_distilled_100",
        "Mini ResNeXt, distilled at T = 100",
        DISTILLED,
        f"{CLEAN_800}, labelled by a teacher",
        "c53853f295ede98b6ae99c8b776d9771dc5291969550084f028c7318b45d09ec",
        481_816,
        "Defensive distillation: the student of a teacher, both trained at temperature 100, tested at 1.",
    ),
    mini_row(
        "mini_resnext_noise_012",
        "Mini ResNeXt, noise of 0.12",
        NOISE,
        f"{CLEAN_800}, with noise",
        "8f30ff7351301e2a01dc49f056a7512c596c5adaba72571224ee02afd3fb0f1b",
        481_808,
        "For randomised smoothing: learnt from images under Gaussian noise of deviation 0.12.",
    ),
    mini_row(
        "mini_resnext_noise_025",
        "Mini ResNeXt, noise of 0.25",
        NOISE,
        f"{CLEAN_800}, with noise",
        "1fe70a4f66ce4d67f994d711bf9d592952e77060336d89270d19aca9cdd484d9",
        481_808,
        "For randomised smoothing: learnt from images under Gaussian noise of deviation 0.25.",
    ),
    mini_row(
        "mini_resnext_noise_050",
        "Mini ResNeXt, noise of 0.5",
        NOISE,
        f"{CLEAN_800}, with noise",
        "374dd60a8afa81ff7ef937c043a5be4391f164ce599fe491ad33425b5ba33788",
        481_808,
        "For randomised smoothing: learnt from images under Gaussian noise of deviation 0.5.",
    ),
)
