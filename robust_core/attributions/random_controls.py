"""Whether a map's order beats that of random maps of the same grain: a permutation test."""

import hashlib
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from torch import Tensor, nn

from robust_core.attributions.curve_protocols import CurveProtocol
from robust_core.attributions.explain import Attribution
from robust_core.attributions.insertion_deletion import Curves, insertion_deletion
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

MOST = 19  # random maps: the fewest that can reach p = 0.05
ROUNDS = (0, 3, MOST)  # how many there are after each round: a poor map is told early
LARGEST_P = 0.05
SEED = 0
REMEMBERED = 64  # spectra of one network whose curves are kept


@dataclass(frozen=True, eq=False)
class RandomControls:
    """The curves of random maps, and how many of them do as well as the map, by insertion minus deletion.

    The first that does as well is the last, since p ≤ 0.05 is out of reach then: p = 1 / (its number), which is valid
    for such an end (Besag and Clifford 1991). Where none of MOST does, p = 1 / (MOST + 1).
    """

    score: float
    curves: tuple[Curves, ...]

    @property
    def better(self) -> int:
        """How many controls do at least as well as the map."""
        return sum(one.score >= self.score for one in self.curves)

    @property
    def rank(self) -> int:
        """The place of the map among itself and the controls, 1 for the best."""
        return self.better + 1

    @property
    def p_value(self) -> float:
        """The probability of such a rank, were the map a random one."""
        first = next((number for number, one in enumerate(self.curves, 1) if one.score >= self.score), None)
        return 1 / (len(self.curves) + 1) if first is None else 1 / first

    @property
    def beaten(self) -> bool:
        """Whether the map does better than random ones, at p ≤ 0.05."""
        return self.p_value <= LARGEST_P


class _Remembered:
    """The curves of controls for each network: maps of one spectrum on one image share them."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[nn.Module, OrderedDict[tuple, tuple[Curves, ...]]] = WeakKeyDictionary()
        self._lock = Lock()

    def get(self, network: nn.Module, key: tuple) -> tuple[Curves, ...]:
        with self._lock:
            return self._of.setdefault(network, OrderedDict()).get(key, ())

    def put(self, network: nn.Module, key: tuple, curves: tuple[Curves, ...]) -> None:
        with self._lock:
            kept = self._of.setdefault(network, OrderedDict())
            kept[key] = max(curves, kept.get(key, ()), key=len)
            kept.move_to_end(key)
            while len(kept) > REMEMBERED:
                kept.popitem(last=False)


_REMEMBERED = _Remembered()


def random_controls(
    model: LoadedModel, pixels: Tensor, attribution: Attribution, own: Curves, protocol: CurveProtocol
) -> Generator[Progress, None, RandomControls]:
    """Compare `own`, the curves of `attribution` on pixels (1,3,H,W), with those of at most MOST random maps."""
    spectrum = np.abs(np.fft.rfft2(attribution.map.astype(np.float64)))
    key = _digest(pixels.cpu().numpy()), attribution.target, protocol.key, _digest(spectrum)
    curves = _REMEMBERED.get(model.network, key)
    for goal in ROUNDS:
        if len(curves) < goal:
            maps = [random_map(spectrum, attribution.map.shape, number) for number in range(len(curves), goal)]
            curves += tuple((yield from insertion_deletion(model, pixels, attribution.target, maps, protocol)))
            _REMEMBERED.put(model.network, key, curves)
        if RandomControls(own.score, curves).better:
            break
    first = next((place for place, one in enumerate(curves) if one.score >= own.score), len(curves))
    return RandomControls(own.score, curves[: first + 1])


def random_map(spectrum: np.ndarray, shape: tuple[int, ...], number: int) -> np.ndarray:
    """A random map (H,W) with the Fourier amplitudes `spectrum` (H, W // 2 + 1) and the phases of noise, another one
    for each `number`: coarse maps are compared with coarse ones, fine with fine.
    """
    noise = np.fft.rfft2(np.random.default_rng([SEED, number]).standard_normal(shape))
    return np.fft.irfft2(spectrum * noise / np.abs(noise), s=shape).astype(np.float32)


def _digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
