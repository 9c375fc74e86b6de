"""`glasses`: shape bias through a filter before the model, or with --corruption the accuracy on corrupted images."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robust_core.cli.attack_images import images_for
from robust_core.cli.progress import follow
from robust_core.cli.shape_bias import choose_stimuli
from robust_core.cli.tables import write_table
from robust_core.door.corruption import conditions_of
from robust_core.door.given_images import SYNTHETIC
from robust_core.door.glasses import SEVERITY
from robust_core.errors import BadInput
from robust_core.input_filters.table import InputFilter, get_filter
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies import glasses, glasses_corruption
from robust_core.studies.glasses import GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.studies.glasses_responses import COVERAGE, SHAPE_BIAS

N_IMAGES = 64


def run(options: Namespace) -> None:
    """Print a row for each model and strength, then what the filter does."""
    row = get_filter(options.filter)
    strengths = row.checked(row.strengths if options.strengths is None else options.strengths)
    frame = _corrupted(options, strengths) if options.corruption else _stimuli(options, strengths)
    print(f"\n{row.title}: {row.sentence} Source: {row.source}.")
    write_table(options.out, [one | {"seed": options.seed} for one in frame])


def _stimuli(options: Namespace, strengths: tuple[float, ...]) -> list[dict[str, Any]]:
    stimuli, specs = choose_stimuli(options), tuple(map(get_spec, options.model))
    count = stimuli.count if options.n is None else options.n
    found = follow("glasses", glasses.run(GlassesRequest(specs, stimuli, count, options.filter, strengths)))
    print(f"{count} stimuli of “{stimuli.title}”, never resized. {stimuli.rule}\n")
    print(f"{'model':<28}{'rule':<20}{'filter':<24}{'shape bias % [95%]':<24}{'n':>5}   coverage % [95%]")
    frame = found.frame.to_dict("records")
    by_metric = {metric: [one for one in frame if one["metric"] == metric] for metric in (SHAPE_BIAS, COVERAGE)}
    for bias, coverage in zip(*by_metric.values(), strict=True):
        who = f"{bias['model']:<28}{bias['rule']:<20}{_worn(bias, found.by_model[0].row):<24}"
        print(f"{who}{_percent(bias, 'value'):<24}{bias['n']:>5}   {_percent(coverage, 'value')}")
    print("", *found.sentences(), sep="\n")
    return frame


def _corrupted(options: Namespace, strengths: tuple[float, ...]) -> list[dict[str, Any]]:
    conditions = conditions_of(options.corruption, options.severity or SEVERITY, options.seed, False)
    images = images_for(Namespace(**vars(options) | {"images": _folder(options), "n": options.n or N_IMAGES}))
    specs = tuple(map(get_spec, options.model))
    request = GlassesCorruptionRequest(specs, images, conditions, options.filter, strengths)
    frame = follow("glasses", glasses_corruption.run(request)).frame.to_dict("records")
    print(f"\n{'model':<28}{'corruption':<22}{'severity':>8}   {'filter':<24}{'accuracy % [95%]':<24}{'n':>5}")
    for one in frame:
        under = f"{one['corruption']:<22}{one['severity']:>8}"
        print(f"{one['model']:<28}{under}   {_worn(one, request.row):<24}{_percent(one, 'accuracy'):<24}{one['n']:>5}")
    print("\nIn brackets: Wilson's 95% intervals.")
    return frame


def _folder(options: Namespace) -> Path:
    if options.images is None and {get_spec(key).label_space for key in options.model} != {MINI}:
        raise BadInput("Name the folder of the labelled images that are corrupted with --images.")
    return options.images or Path(SYNTHETIC)


def _worn(one: Mapping[str, Any], row: InputFilter) -> str:
    return row.at(None if one["filter"] == "none" else one["strength"])


def _percent(one: Mapping[str, Any], name: str) -> str:
    values: Sequence[float] = (one[f"{name}_percent"], one["low_percent"], one["high_percent"])
    if values[0] != values[0]:  # NaN: missing
        return "nothing decided"
    return f"{values[0]:.1f} [{values[1]:.1f}, {values[2]:.1f}]"
