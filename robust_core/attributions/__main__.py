"""Every attribution method on a model from a shell: what a map costs, how well it adds up, and, if asked, whether it can be believed."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import TypeVar

import torch

from robust_core import samples
from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import METHODS, Method, get_method, methods_for
from robust_core.attributions.quality import Trust, judge
from robust_core.attributions.randomisation import Forgetting, forget
from robust_core.attributions.targets import PREDICTED
from robust_core.events import last
from robust_core.images import to_pixels
from robust_core.labels import MINI
from robust_core.models import load
from robust_core.models.loading import LoadedModel
from robust_core.predictions import input_preprocess
from robust_core.samples.drawn import NAMES, drawn_id
from robust_core.terminal import run_command, whole_number

Result = TypeVar("Result")
COSTS = f"{'method':<20}{'seconds':>9}{'peak, MB':>10}{'gap, %':>8}"
EVIDENCE = f"{'infidelity':>12}{'sensitivity':>13}{'insertion':>11}{'deletion':>10}{'beats random':>14}{'after forgetting':>18}"
STATUS = Path("/proc/self/status")
MOST_IMAGES = 1_000


@dataclass(frozen=True)
class Finding:
    """One method on one picture; `peak_bytes` above what was in use before, None where the system does not tell."""

    attribution: Attribution
    peak_bytes: int | None
    trust: Trust | None
    forgetting: Forgetting | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""
    return run_command(lambda: _print_tables(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.attributions", description=__doc__)
    parser.add_argument("keys", nargs="+", metavar="KEY", help="models; `python -m robust_core.models list` shows all")
    parser.add_argument("--images", type=Path, metavar="FOLDER", help="a data set, or <wnid>/<picture> (default: Foolbox's; mini models get drawn ones)")
    parser.add_argument("--n", type=int, default=4, help="how many pictures, or all where there are fewer (default: %(default)s)")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), metavar="METHOD", help=f"of {', '.join(METHODS)} (default: all)")
    parser.add_argument("--trust", action="store_true", help="also measure whether the maps can be believed, which takes long")
    return parser


def _print_tables(options: argparse.Namespace) -> None:
    whole_number("--n", options.n, 1, MOST_IMAGES)
    for key in options.keys:
        _print_table(key, options)


def _print_table(key: str, options: argparse.Namespace) -> None:
    methods = [get_method(method) for method in options.methods]
    model = load(key)
    inputs = _inputs(model, options.images, options.n)
    print(f"\n{model.spec.title} on {model.device}, medians over {len(inputs)} pictures, the predicted class, default settings")
    print(COSTS + (EVIDENCE if options.trust else ""))
    offered = methods_for(model.spec.architecture)
    for row in methods:
        if row in offered:
            findings = [_find(model, pixels, row, options.trust) for pixels in inputs]
            print(f"{row.key:<20}" + _costs(findings) + (_evidence(findings) if options.trust else ""), flush=True)
        else:
            print(f"{row.key:<20} not offered: {row.limit}")


def _inputs(model: LoadedModel, folder: Path | None, n: int) -> list[torch.Tensor]:
    """At most `n` images as the model's inputs (1,3,H,W); prints what was recognised in a folder."""
    if model.spec.label_space == MINI:
        names = [NAMES[number % len(NAMES)] for number in range(n)]
        images = [samples.read(drawn_id("clean", name, name, number)) for number, name in enumerate(names)]
    elif folder is None:
        available = len(samples.list_samples("foolbox"))
        images = [samples.read(sample.id) for sample in samples.draw("foolbox", min(n, available), seed=0)]
    else:
        found = samples.labelled_images(folder)
        print(*found.sentences, sep="\n")
        images = found.read_all(found.files[:n])
        return [to_pixels(image, input_preprocess(model.spec, found.centre_crop_only))[None] for image in images]
    return [to_pixels(image, model.spec.preprocess)[None] for image in images]


def _find(model: LoadedModel, pixels: torch.Tensor, row: Method, with_trust: bool) -> Finding:
    last(explain(model, pixels, "saliency", PREDICTED))  # what the first pass alone costs is not the method's
    attribution, peak_bytes = with_peak(model, lambda: last(explain(model, pixels, row.key, PREDICTED)))
    if not with_trust:
        return Finding(attribution, peak_bytes, None, None)
    stages = forget(model, pixels, row.key, attribution.target, attribution.settings, stages=1, seed=0)
    return Finding(attribution, peak_bytes, last(judge(model, pixels, attribution)), last(stages))


def _costs(findings: Sequence[Finding]) -> str:
    seconds = median(finding.attribution.seconds for finding in findings)
    peaks = [finding.peak_bytes for finding in findings if finding.peak_bytes is not None]
    gaps = [finding.attribution.gap_fraction for finding in findings if finding.attribution.gap_fraction is not None]
    return f"{seconds:>9.2f}{f'{max(peaks) / 1e6:.0f}' if peaks else '?':>10}{f'{100 * median(gaps):.2f}' if gaps else '-':>8}"


def _evidence(findings: Sequence[Finding]) -> str:
    trusts = [finding.trust for finding in findings]
    correlations = [finding.forgetting.correlation[-1] for finding in findings if finding.forgetting.correlation[-1] is not None]
    return (
        f"{median(trust.infidelity for trust in trusts):>12.2f}{median(trust.sensitivity for trust in trusts):>13.2f}"
        f"{mean(trust.curves.insertion_area for trust in trusts):>11.2f}{mean(trust.curves.deletion_area for trust in trusts):>10.2f}"
        f"{f'{sum(trust.beats_random for trust in trusts)} of {len(trusts)}':>14}"
        f"{f'{mean(correlations):.2f}' if correlations else '-':>18}"
    )


def with_peak(model: LoadedModel, work: Callable[[], Result]) -> tuple[Result, int | None]:
    """The result, and the most memory that `work` held at once: of the CUDA device, or of this process as Linux counts it."""
    if model.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(model.device)
        before = torch.cuda.memory_allocated(model.device)
        return work(), torch.cuda.max_memory_allocated(model.device) - before
    if not STATUS.exists():
        return work(), None
    Path("/proc/self/clear_refs").write_text("5")  # sets the high-water mark back
    before = _status_bytes("VmRSS")
    return work(), _status_bytes("VmHWM") - before


def _status_bytes(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    sys.exit(main())
