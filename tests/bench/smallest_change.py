"""The union of searches against Foolbox's own FMN and DDN, called directly with the same steps: distances and seconds.

python -m tests.bench.smallest_change [--model mini_resnext] [--images mini] [--n 48] [--norm linf] [--steps 50]

With --recorded the union is the recorded run of the page's references, and the images are its.
"""

import argparse
import time

import torch
from foolbox import PyTorchModel
from foolbox.attacks import DDNAttack, L2FMNAttack, LInfFMNAttack

import robust_core as rc
from robust_core.events import result_of
from robust_core.intervals import median_bounds
from robust_core.models.catalogue import get_spec
from robust_core.recordings import store
from robust_core.recordings.shipped import references_request
from robust_core.studies import smallest_change
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.found_changes import length
from robust_core.studies.smallest_change import SmallestChangeRequest

FOOLBOX = {"linf": {"FMN": LInfFMNAttack}, "l2": {"FMN": L2FMNAttack, "DDN": DDNAttack}}
ORDER = {"linf": float("inf"), "l2": 2}
AT_ONCE = 4  # images of a batch, as the project takes at 224 px on a CPU
ROUNDING = 1 + 1e-5  # of float32, in two orders of summation


def main() -> None:
    options = _options()
    spec = get_spec(options.model)
    if options.recorded:
        request = references_request(spec.label_space).of(spec)
        found = store.find(request).result.found[0]
    else:
        images = rc.load_images(options.images, options.n)
        request = SmallestChangeRequest((spec,), images, options.norm, options.steps)
        (found,) = result_of(smallest_change.run(request)).found
    right = found.clean_correct
    print(f"{spec.title}, {request.norm}, {request.steps} steps, n = {int(right.sum())} right when clean")
    _print_row("union", found.distance[right], sum(found.seconds.values()), request.norm)
    for key, distances in found.by_attack.items():
        _print_row(f"  {key} of the union", distances[right], found.seconds[key], request.norm)
    for name, (distances, seconds) in _by_foolbox(request, found.labels).items():
        _print_row(f"Foolbox's {name}", distances[right], seconds, request.norm)
        longer = int((found.distance > distances * ROUNDING)[right].sum())
        shorter = int((found.distance * ROUNDING < distances)[right].sum())
        ratio = (found.distance / distances)[right]
        print(f"  union longer on {longer}, shorter on {shorter}; median ratio {float(ratio.median()):.3f}")


def _by_foolbox(request: SmallestChangeRequest, labels: torch.Tensor) -> dict[str, tuple[torch.Tensor, float]]:
    """Distances (N,), infinite where the attack fails, and seconds of each of Foolbox's attacks."""
    measured = {}
    with using(request.spec) as model:
        pixels, _ = result_of(read_inputs(request.images, range(len(request.images)), request.spec))
        asked = PyTorchModel(model.network, (0, 1), device="cpu")
        for name, attack in FOOLBOX[request.norm].items():
            started, lengths = time.perf_counter(), []
            for some, its in zip(pixels.split(AT_ONCE), labels.split(AT_ONCE), strict=True):
                changed, _, success = attack(steps=request.steps)(asked, some, its, epsilons=None)
                distance = (changed - some).flatten(1).norm(p=ORDER[request.norm], dim=1)
                lengths.append(distance.masked_fill(~success, torch.inf))
            measured[name] = torch.cat(lengths), time.perf_counter() - started
    return measured


def _print_row(name: str, distances: torch.Tensor, seconds: float, norm: str) -> None:
    ordered = sorted(distances.tolist())
    low, high = (length(norm, bound) for bound in median_bounds(ordered))
    middle = length(norm, ordered[(len(ordered) - 1) // 2])
    never = sum(one == float("inf") for one in ordered)
    print(f"{name}: median {middle} [{low}, {high}], never {never}, {seconds:.1f} s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mini_resnext")
    parser.add_argument("--images", default="mini")
    parser.add_argument("--n", type=int, default=48)
    parser.add_argument("--norm", choices=list(FOOLBOX), default="linf")
    parser.add_argument("--steps", type=int, default=smallest_change.STEPS)
    parser.add_argument("--recorded", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
