"""`linear-probe`, `feature-similarity` and `fine-tune`: what features are worth for other classes."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.door import stream
from robust_core.studies.study_result import StudyResult


def run_probe(options: Namespace) -> None:
    """Print the accuracy of each model's probe, over all folds and by images per class."""
    work = stream.linear_probe(
        options.model, _images(options), folds=options.folds, repeats=options.repeats, seed=options.seed
    )
    found = follow("linear probe", work)
    print(f"\n{'model':<28}{'trained on':<22}{'n':>6}   accuracy, %")
    for row in _rows(found):
        count = row["train_images_per_class"]
        trained = f"all but one of {options.folds} folds" if count != count or count is None else f"{count:.0f} of each"
        print(f"{row['model']:<28}{trained:<22}{row['n']:>6}   {_bounded(row)}")
    print(f"Chance: {100 * found.chance:.1f}%. In brackets: 95% intervals; {found.protocol}.\n")
    print(*found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in _rows(found)])


def run_similarity(options: Namespace) -> None:
    """Print linear CKA of every two models."""
    found = follow("feature similarity", stream.feature_similarity(options.model, _images(options)))
    print(f"\n{'model':<28}{'and':<28}{'n':>6}   linear CKA")
    for one in found.pairs:
        cka = f"{one.cka:.2f} [{one.low:.2f}, {one.high:.2f}]"
        print(f"{one.first.name:<28}{one.second.name:<28}{found.n:>6}   {cka}")
    print("In brackets: 95% intervals, jackknife over images.\n")
    print(*found.sentences(), sep="\n")
    write_table(options.out, _rows(found))


def run_fine_tuning(options: Namespace) -> None:
    """Print the accuracy of each model on the way, beside its linear probe."""
    work = stream.fine_tune(
        options.model,
        _images(options),
        steps=options.steps,
        learning_rate=options.learning_rate,
        train_batch_size=options.batch,
        frozen_batch_norm=options.frozen_batch_norm,
        insist=options.insist,
        seed=options.seed,
    )
    found = follow("fine-tuning", work)
    print(f"\n{'model':<28}{'trained':<16}{'steps':>7}{'n':>6}   accuracy, %")
    for row in _rows(found):
        step = "" if row["step"] != row["step"] else f"{row['step']:.0f}"
        print(f"{row['model']:<28}{row['mode']:<16}{step:>7}{row['n']:>6}   {_bounded(row)}")
    print(f"Chance: {100 * found.chance:.1f}%. In brackets: 95% Wilson intervals.\n")
    print(*found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in _rows(found)])


def _images(options: Namespace) -> str | Path:
    """The folder, where one is named, else a task of Mini."""
    return options.images or options.task


def _rows(found: StudyResult) -> list[dict[str, Any]]:
    return found.frame.to_dict("records")


def _bounded(row: dict[str, Any]) -> str:
    return f"{row['accuracy_percent']:.1f} [{row['low_percent']:.1f}, {row['high_percent']:.1f}]"
