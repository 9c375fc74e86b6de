"""What a certificate costs, and the attack beside it: processor seconds and passes per image, by the number of draws.

    python -m tests.bench.certificates [--model mini_resnext_noise_025] [--n 1000 10000] [--images 2] [--no-attack]

On a CPU the seconds are processor time, which other users of the machine lengthen least. The first passes of a network
take many times as long and are not counted. A model that was trained without noise is smoothed with σ = 0.25.
"""

import argparse
import time
from collections.abc import Generator
from typing import Any

from robust_core.attacks.counting import counted
from robust_core.certificates.certify import certify
from robust_core.certificates.smallest import smallest_change
from robust_core.certificates.smoothing import SmoothedSearch, Smoothing
from robust_core.data.drawn_sets import synthetic_images
from robust_core.events import result_of
from robust_core.models.loading import load
from robust_core.studies.attack_curve import read_inputs
from robust_core.studies.certified_radius import trained_sigma

SIGMA = 0.25


def main() -> None:
    """Print a row for each number of draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mini_resnext_noise_025")
    parser.add_argument("--n", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--no-attack", action="store_true")
    options = parser.parse_args()
    model, count = counted(load(options.model, "cpu"))
    sigma = trained_sigma(model.spec) or SIGMA
    pixels, labels = result_of(read_inputs(synthetic_images(options.images, 0), range(options.images), model.spec))
    result_of(certify(model, pixels[0], Smoothing(sigma, 100)))
    print(
        "| n | image | certificate, s | radius | attack, s | passes forward and back | distance |\n" + 7 * "|--:" + "|"
    )
    for n in options.n:
        for place in range(options.images):
            proof, proof_seconds = _timed(certify(model, pixels[place], Smoothing(sigma, n), place))
            row = f"| {n:,} | {place + 1} | {proof_seconds:.1f} | {proof.radius:.3f} |"
            if not options.no_attack:
                count.forward = count.backward = 0
                right = proof.candidate if labels[place] is None else labels[place]
                attack = smallest_change(model, pixels[place], right, proof, SmoothedSearch(), place)
                found, seconds = _timed(attack)
                row += f" {seconds:.1f} | {count.forward:,} and {count.backward:,} | {found.distance:.3f} |"
            print(row, flush=True)


def _timed(work: Generator[Any, None, Any]) -> tuple[Any, float]:
    started = time.process_time()
    return result_of(work), time.process_time() - started


if __name__ == "__main__":
    main()
