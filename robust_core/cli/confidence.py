"""`calibration` and `ood`: what confidence is worth, one row for each model and set of images, or model and score."""

from argparse import Namespace
from collections.abc import Iterable, Mapping
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.data.image_set import ImageSet
from robust_core.door import stream
from robust_core.door.given_images import BUNDLED, SYNTHETIC, load_images
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies.study_result import StudyResult


def run_calibration(options: Namespace) -> None:
    """Print a row for all images of each model, and for the half that the temperature was not fitted on."""
    found = follow("calibration", stream.calibration(options.model, _images(options), seed=options.seed))
    shares = f"{'accuracy, %':<21}{'ECE, %':<21}"
    print(f"\n{'model':<28}{'images':<15}{'T':>6}{'n':>7}   {shares}{'NLL, nats':<19}Brier score")
    for row in _rows(found):
        accuracy, ece = _cell(row, "accuracy_percent", "low_percent", "high_percent"), _cell(row, "ece_percent")
        errors = f"{accuracy:<21}{ece:<21}{_cell(row, 'nll_nats', digits=2):<19}{_cell(row, 'brier', digits=2)}"
        print(f"{row['model']:<28}{row['images']:<15}{row['temperature']:>6.2f}{row['n']:>7}   {errors}")
    print("In brackets: 95% intervals, Wilson's for accuracy, else 1,000 bootstrap resamples of the images.\n")
    _print_caveats((sentence, one.spec.name) for one in found.by_model for sentence in one.caveats)
    write_table(options.out, [row | {"seed": options.seed} for row in _rows(found)])


def run_ood(options: Namespace) -> None:
    """Print a row for each model and score."""
    work = stream.ood(options.model, _images(options), options.unknown, seed=options.seed)
    found = follow("unknown images", work)
    print(f"Unknown: {found.unknown_title}.")
    print(f"\n{'model':<28}{'score':<14}{'known':>7}{'unknown':>9}   {'AUROC, %':<22}{'FPR95, %':<22}AUPR, %")
    for row in _rows(found):
        auroc = _cell(row, "auroc_percent", "low_percent", "high_percent")
        fpr95 = _cell(row, "fpr95_percent", "fpr95_low_percent", "fpr95_high_percent")
        n = f"{row['n_known']:>7}{row['n_unknown']:>9}"
        print(f"{row['model']:<28}{row['score']:<14}{n}   {auroc:<22}{fpr95:<22}{row['aupr_percent']:.1f}")
    told = "DeLong's for AUROC (Wilson's where all or none are told apart), Wilson's for FPR95"
    print(f"In brackets: 95% intervals, {told}.\n")
    print(*found.caveats, sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in _rows(found)])


def _images(options: Namespace) -> ImageSet:
    """Those of --images, drawn where --n says so; the world's own where no folder is named."""
    own = SYNTHETIC if get_spec(options.model[0]).label_space == MINI else BUNDLED
    images = load_images(options.images or own, options.n, seed=options.seed)
    print(f"{len(images):,} images of “{images.title}”. {images.rule}")
    return images


def _rows(found: StudyResult) -> list[dict[str, Any]]:
    return found.frame.to_dict("records")


def _cell(row: Mapping[str, Any], name: str, low: str = "", high: str = "", digits: int = 1) -> str:
    """A number with its bounds, which stand beside it in the row."""
    values = (row[name], row[low or f"{name}_low"], row[high or f"{name}_high"])
    estimate, *bounds = (f"{value:.{digits}f}" for value in values)
    return f"{estimate} [{', '.join(bounds)}]"


def _print_caveats(told: Iterable[tuple[str, str]]) -> None:
    of_models: dict[str, list[str]] = {}
    for sentence, model in told:
        of_models.setdefault(sentence, []).append(model)
    for sentence, models in of_models.items():
        print(f"{sentence} ({', '.join(models)})")
