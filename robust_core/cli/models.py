"""`models`: list, download, verify, import, remove, check."""

from argparse import Namespace

from robust_core.cli.progress import follow
from robust_core.cli.running import print_error
from robust_core.cli.tables import percents, write_table
from robust_core.errors import WeightsUnavailable
from robust_core.labels import IMAGENET
from robust_core.models import imports, weights
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.class_lists import read_label_space
from robust_core.models.import_records import FAMILY


def show(options: Namespace) -> None:
    """Every model, and whether its weights are here."""
    rows = []
    for spec in list_models():
        ready = weights.present(spec)
        size = f"{spec.weights.bytes / 1e6:,.0f} MB" if spec.weights.bytes else "size unknown"
        print(
            f"{spec.key:32} {'ready' if ready else '-':6} {size:>12}  {spec.title} ({spec.family}; "
            f"{spec.weights.licence})"
        )
        about = {"model": spec.key, "title": spec.title, "family": spec.family, "licence": spec.weights.licence}
        rows.append(about | {"ready": ready, "bytes": spec.weights.bytes})
    write_table(options.out, rows)


def download(options: Namespace) -> None:
    """Weights that are not here yet."""
    for spec in [get_spec(key) for key in options.model]:
        _report(follow(spec.key, weights.download(spec)))


def verify(options: Namespace) -> int:
    """Go on after a wrong file, so that one run names them all."""
    specs = [get_spec(key) for key in options.model or ()] or [spec for spec in list_models() if weights.on_disk(spec)]
    failures = 0
    for spec in specs:
        try:
            _report(follow(spec.key, weights.verify(spec)))
        except WeightsUnavailable as error:
            print_error(error)
            failures += 1
    return 1 if failures else 0


def import_file(options: Namespace) -> None:
    """A weight file of the user's own."""
    given = {"mean": options.mean, "std": options.std, "size_px": options.size, "crop_fraction": options.crop_fraction}
    changes = {
        name: value for name, value in (given | {"interpolation": options.interpolation}).items() if value is not None
    }
    classes = read_label_space(options.classes) if options.classes else IMAGENET
    spec = imports.import_file(
        options.file,
        options.architecture,
        options.key,
        options.title,
        weights=options.weights,
        changes=changes,
        classes=classes,
    )
    print(f"{spec.key}: {spec.title}, {spec.architecture.name}, {len(spec.label_space.names):,} classes. {spec.note}")
    print(f"  {spec.preprocess}\n  SHA-256 {spec.weights.sha256}")


def remove(options: Namespace) -> None:
    """Weights that were downloaded or imported."""
    for spec in [get_spec(key) for key in options.model]:
        if spec.family == FAMILY:
            imports.forget(spec.key)
        elif not weights.remove(spec):
            raise WeightsUnavailable(f"There are no weights of {spec.title} in the weights folder.")
        print(f"{spec.key}: removed")


def check(options: Namespace) -> None:
    """Top-1 and top-5 accuracy on the labelled images of a folder, and ReaL accuracy on validation images."""
    from robust_core.studies import folder_accuracy

    rows = []
    for spec in [get_spec(key) for key in options.model]:
        accuracy = follow(spec.key, folder_accuracy.run(spec, options.images))
        print(*accuracy.images, sep="\n")
        top5 = f"; top-5 {accuracy.top5}" if len(spec.label_space.names) > 5 else ""
        real = f"; ReaL accuracy {accuracy.real}" if accuracy.real else ""
        method = f"; intervals: 95%, {accuracy.top1.method}" if accuracy.top1 else ""
        print(f"{accuracy.spec.key}: top-1 {accuracy.top1}{top5}{real}{method}")
        row = {"model": spec.key, "n": accuracy.n} | percents("top1", accuracy.top1) | percents("top5", accuracy.top5)
        rows.append(row | {"n_real": accuracy.real.n if accuracy.real else 0} | percents("real", accuracy.real))
    write_table(options.out, rows)


def _report(ready: weights.WeightsReady) -> None:
    print(f"{ready.key}: ready, compared with {ready.proof}\n  {ready.sha256}  {ready.path}")
