"""Models from a shell: list, download, verify, import, remove, check."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from robust_core import settings
from robust_core.errors import RobustError, WeightsUnavailable
from robust_core.labels import IMAGENET
from robust_core.models import imports, weights
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.class_lists import EXPECTED, read_label_space
from robust_core.models.import_records import FAMILY
from robust_core.models.preprocessing import INTERPOLATIONS
from robust_core.terminal import follow, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""

    def work() -> int:
        options = _parser().parse_args(arguments)
        return options.run(options)

    return run_command(work, stopped="Stopped. What came of a download is kept for the next attempt.", complain=_complain)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.models", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="show every model and whether its weights are here")
    command.set_defaults(run=_list)

    command = commands.add_parser("download", help="get weights; what is here already is kept")
    command.add_argument("keys", nargs="+", metavar="KEY")
    command.set_defaults(run=_download)

    command = commands.add_parser("verify", help="read weights through and compare their SHA-256")
    command.add_argument("keys", nargs="*", metavar="KEY", help="default: all that are here")
    command.set_defaults(run=_verify)

    command = commands.add_parser("import", help="add a weight file of your own as a model")
    command.add_argument("file", type=Path, metavar="FILE", help=".pth, .safetensors and the like, in any container")
    command.add_argument("--architecture", required=True, metavar="NAME", help="such as resnet50, or timm:NAME with any name of timm's")
    command.add_argument("--key", required=True, help="short name for the model: a-z, 0-9 and _")
    command.add_argument("--title", required=True, metavar="TEXT", help="name of the model for people")
    command.add_argument("--weights", choices=("plain", "ema"), help="which to take of a file with both; default: the averaged ones (EMA)")
    command.add_argument("--classes", type=Path, metavar="FILE", help=f"the classes, where they are not ImageNet's 1,000: {EXPECTED}".replace("%", "%%"))
    inputs = command.add_argument_group("preprocessing, where it is not the architecture's published one")
    inputs.add_argument("--mean", nargs="+", type=float, metavar="X", help="one number or three (RGB), in units of 0 to 1")
    inputs.add_argument("--std", nargs="+", type=float, metavar="X", help="one number or three (RGB), in units of 0 to 1")
    inputs.add_argument("--size", type=int, metavar="PX", help="side of the input; the shorter side is resized to size / crop fraction")
    inputs.add_argument("--crop-fraction", type=float, metavar="F", help="such as 0.875 for the centre 224 of 256 px")
    inputs.add_argument("--interpolation", choices=INTERPOLATIONS)
    command.set_defaults(run=_import)

    command = commands.add_parser("remove", help="delete downloaded or imported weights")
    command.add_argument("key", metavar="KEY")
    command.set_defaults(run=_remove)

    command = commands.add_parser("check", help="top-1 and top-5 accuracy on labelled pictures")
    command.add_argument("key", metavar="KEY")
    command.add_argument("--images", required=True, type=Path, metavar="FOLDER", help="a data set, or <wnid>/<picture> as ImageNet has it")
    command.set_defaults(run=_check)
    return parser


def _list(options: argparse.Namespace) -> int:
    for spec in list_models():
        standing = "ready" if weights.present(spec) else "-"
        size = f"{spec.weights.bytes / 1e6:,.0f} MB" if spec.weights.bytes else "size unknown"
        print(f"{spec.key:32} {standing:6} {size:>12}  {spec.title} ({spec.family}; {spec.weights.licence})")
    return 0


def _download(options: argparse.Namespace) -> int:
    for spec in [get_spec(key) for key in options.keys]:
        _report(follow(spec.key, weights.download(spec)))
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Go on after a wrong file, so that one run names them all."""
    specs = [get_spec(key) for key in options.keys] or [spec for spec in list_models() if weights.on_disk(spec)]
    failures = 0
    for spec in specs:
        try:
            _report(follow(spec.key, weights.verify(spec)))
        except WeightsUnavailable as error:
            _complain(error)
            failures += 1
    return 1 if failures else 0


def _import(options: argparse.Namespace) -> int:
    given = {"mean": options.mean, "std": options.std, "size_px": options.size, "crop_fraction": options.crop_fraction}
    changes = {name: value for name, value in (given | {"interpolation": options.interpolation}).items() if value is not None}
    classes = read_label_space(options.classes) if options.classes else IMAGENET
    spec = imports.import_file(
        options.file, options.architecture, options.key, options.title, weights=options.weights, changes=changes, classes=classes
    )
    print(f"{spec.key}: {spec.title}, {spec.architecture.name}, {len(spec.label_space.names):,} classes. {spec.note}")
    print(f"  {spec.preprocess}\n  SHA-256 {spec.weights.sha256}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    spec = get_spec(options.key)
    if spec.family == FAMILY:
        imports.forget(spec.key)
    elif not weights.remove(spec):
        raise WeightsUnavailable(f"There are no weights of {spec.title} in the weights folder.")
    print(f"{spec.key}: removed")
    return 0


def _check(options: argparse.Namespace) -> int:
    from robust_core.predictions import check_folder

    accuracy = follow(options.key, check_folder(options.key, options.images))
    print(*accuracy.images, sep="\n")
    top5 = f"; top-5 {accuracy.top5}" if len(get_spec(options.key).label_space.names) > 5 else ""
    print(f"{accuracy.model_key}: top-1 {accuracy.top1}{top5}")
    return 0


def _report(ready: weights.WeightsReady) -> None:
    print(f"{ready.key}: ready, compared with {ready.proof}\n  {ready.sha256}  {ready.path}")


def _complain(error: RobustError) -> None:
    print(error, file=sys.stderr)
    if isinstance(error, WeightsUnavailable):
        print(f"The weights folder is {settings.weights_dir()}.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
