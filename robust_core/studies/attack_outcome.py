"""What one attack on one model came to, what several in one ball leave together, and what one says against another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.precision import PRECISIONS, USUAL
from robust_core.attacks.table import NORM_TITLES, AttackNorm
from robust_core.attacks.threat import in_255ths
from robust_core.intervals import Interval, mcnemar, newcombe, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.study_result import percent

if TYPE_CHECKING:
    import pandas
    from torch import Tensor

ALL_ATTACKS = "all of them"  # in place of an attack, where an image counts only if none breaks it
TOLERANCE, LEVELS = 1e-5, 255  # by which float32 may leave a ball, as `attacks.search` has it


@dataclass(frozen=True)
class Reached:
    """How many images an attack has `left` at each of its radii after `done` steps or queries, and at what cost: passes
    of all images together.
    """

    done: int
    forward_passes: int
    backward_passes: int
    left: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class AttackOutcome:
    """One attack on one model; arrays (N,) are in the order of the images.

    radii        at which it is counted
    known        whether the label is known; the clean prediction stands in otherwise
    clean_correct, broken, broken_in_8_bits, distance    as in `attacks.search.Attacked`
    course       what it had reached wherever the number of images left changed, the clean images first
    broken_by    which attack of several found each image's change; "" where none did
    notes        sentences on what could not run
    adversarial  the images (N,3,H,W) that it ends with; None unless they were to be kept
    """

    spec: ModelSpec
    device: str
    config: AttackConfig
    radii: tuple[float, ...]
    known: np.ndarray
    clean_correct: np.ndarray
    broken: np.ndarray
    broken_in_8_bits: np.ndarray
    distance: np.ndarray
    forward_passes: int
    backward_passes: int
    seconds: float
    course: tuple[Reached, ...]
    broken_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    adversarial: "Tensor | None" = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The attack as the field writes it."""
        return title_of(self.config)

    @property
    def n(self) -> int:
        """How many images it was tried on."""
        return len(self.broken)

    @property
    def median_distance(self) -> float:
        """The median length of the smallest change that is known, over the images that were correct when clean;
        infinite where less than half of them are broken, NaN where none was correct.
        """
        return float(np.median(self.distance[self.clean_correct])) if self.clean_correct.any() else float("nan")

    def breaks(self, radius: float) -> np.ndarray:
        """(N,) whether a change no longer than `radius` is known that fools the model."""
        return self.broken & in_ball(self.distance, radius)

    def left(self, radius: float) -> Interval:
        """The accuracy left at `radius`, with Wilson's interval."""
        return _share(~self.breaks(radius))

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row for each radius; one without an accuracy where an attack has none."""
        row = self.config.row
        for radius in self.radii or (None,):
            left = None if radius is None else self.left(radius)
            in_8_bits = None if radius is None else _share(~(self.breaks(radius) & self.broken_in_8_bits))
            yield {
                **self._who(radius),
                **percent("accuracy", left),
                **_percent_of("in_8_bits", in_8_bits),
                "clean_percent": 100 * float(self.clean_correct.mean()),
                "n": self.n,
                "n_labels_known": int(self.known.sum()),
                "median_distance": self.median_distance if row.minimal else None,
                "seconds": self.seconds,
                "forward_passes_per_image": self.forward_passes / self.n,
                "backward_passes_per_image": self.backward_passes / self.n,
                "knowledge": row.knowledge,
                "protocol": str(self.config),
                "source": row.source,
                "weights_sha256": self.spec.weights.sha256,
            }

    def rows_over_eps(self) -> Iterator[dict[str, Any]]:
        """Accuracy at ε = 0 and at every ε that the attack tells of."""
        at = {0.0, *self.radii}
        if self.config.row.minimal:
            at |= set(self.distance[np.isfinite(self.distance)].tolist())
        for eps in sorted(at):
            yield self._who(eps) | percent("accuracy", self.left(eps)) | {"n": self.n, "protocol": str(self.config)}

    def rows_over_steps(self) -> Iterator[dict[str, Any]]:
        """Accuracy along its course, at each radius."""
        for place, radius in enumerate(self.radii):
            for point in self.course:
                accuracy = wilson(point.left[place], self.n)
                passes = (point.forward_passes + point.backward_passes) / self.n
                cost = {"step": point.done, "unit": self.config.row.unit, "passes_per_image": passes}
                yield self._who(radius) | cost | percent("accuracy", accuracy) | {"n": self.n}

    def by_image(self, image_ids: Sequence[str]) -> "pandas.DataFrame":
        """A row for each image."""
        import pandas

        columns = ("known", "clean_correct", "broken", "broken_in_8_bits", "distance")
        found = {name: getattr(self, name) for name in columns} | {"broken_by": self.broken_by or ("",) * self.n}
        who = {"model": self.spec.name, "attack": self.title, "image": image_ids}
        settings = {**self.config.identity, "key": self.config.attack, "attack": self.title}
        return pandas.DataFrame(who | found).assign(**settings, device=self.device)

    def _who(self, radius: float | None) -> dict[str, Any]:
        return _who(self.spec, self.title, self.config.norm, radius)


@dataclass(frozen=True, eq=False)
class Gap:
    """What `second` says against `first`, of the same model at the same radius, on the same images."""

    first: AttackOutcome
    second: AttackOutcome
    radius: float

    @property
    def ball(self) -> str:
        """The norm and the radius as they are written."""
        return _ball(self.first.config.norm, self.radius)

    @property
    def left_by_first(self) -> Interval:
        """The accuracy that the first leaves."""
        return self.first.left(self.radius)

    @property
    def left_by_second(self) -> Interval:
        """The accuracy that the second leaves."""
        return self.second.left(self.radius)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """How many images both leave, the first alone, the second alone, and neither."""
        one, other = ~self.first.breaks(self.radius), ~self.second.breaks(self.radius)
        return (
            int((one & other).sum()),
            int((one & ~other).sum()),
            int((~one & other).sum()),
            int((~one & ~other).sum()),
        )

    @property
    def difference(self) -> Interval:
        """What the second leaves less what the first leaves, with Newcombe's interval for paired shares."""
        found = newcombe(*self.counts)
        assert found is not None  # the request refuses to be without images
        return found

    @property
    def p_value(self) -> float | None:
        """McNemar's exact test that both leave the same accuracy; None where they leave the same images."""
        _, only_first, only_second, _ = self.counts
        return mcnemar(only_first, only_second)

    @property
    def sentence(self) -> str:
        """In words, with n, interval and test."""
        points, p_value = self.difference, self.p_value
        said = f"{self.first.spec.title}, {self.ball}: {self.first.title} says {self.left_by_first.estimate:.1%} is "
        said += (
            f"left, {self.second.title} says {self.left_by_second.estimate:.1%}: {100 * points.estimate:+.1f} points "
        )
        said += f"[{100 * points.low:+.1f}, {100 * points.high:+.1f}], n = {points.n}"
        return f"{said}, p = {p_value:.2g} (McNemar, exact)." if p_value is not None else f"{said}."

    @property
    def row(self) -> dict[str, Any]:
        """As a row of a table, in points of a percent."""
        points = self.difference
        both, only_first, only_second, neither = self.counts
        return {
            **_who(self.first.spec, self.second.title, self.first.config.norm, self.radius),
            "against": self.first.title,
            "gap_percent": 100 * points.estimate,
            "low_percent": 100 * points.low,
            "high_percent": 100 * points.high,
            "interval_method": points.method,
            "p_value": self.p_value,
            "both_leave": both,
            "only_first_leaves": only_first,
            "only_second_leaves": only_second,
            "neither_leaves": neither,
            "n": points.n,
        }


def title_of(config: AttackConfig) -> str:
    """The attack as the field writes it: PGD with its steps, others with their steps where these are not their own; any
    in its precision where this is not the usual one.
    """
    is_usual = config.steps == config.row.steps and config.attack != "pgd"
    title = config.row.title if is_usual else config.title
    return title if config.precision == USUAL else f"{title} ({PRECISIONS[config.precision].mark})"


def in_ball(distance: np.ndarray, radius: float) -> np.ndarray:
    """(N,) which changes are no longer than `radius`, but for rounding."""
    return distance <= radius * (1 + TOLERANCE) + (TOLERANCE / LEVELS if radius else 0)


def worst_of(its: Sequence[AttackOutcome], norm: AttackNorm, radius: float) -> Interval:
    """The accuracy left over all attacks in a ball: an image counts as correct only if none of them breaks it, nor one
    within a smaller ball of that norm.
    """
    return _share(~np.any([one.breaks(radius) for one in _inside(its, norm, radius)], axis=0))


def worst_case(its: Sequence[AttackOutcome], norm: AttackNorm, radius: float) -> dict[str, Any]:
    """The row of all attacks in one ball together, as `worst_of` counts."""
    inside = _inside(its, norm, radius)
    in_8_bits = np.any([one.breaks(radius) & one.broken_in_8_bits for one in inside], axis=0)
    first, titles = inside[0], ", ".join(dict.fromkeys(one.title for one in inside))
    return {
        **_who(first.spec, ALL_ATTACKS, norm, radius),
        **percent("accuracy", worst_of(its, norm, radius)),
        **_percent_of("in_8_bits", _share(~in_8_bits)),
        "clean_percent": 100 * float(first.clean_correct.mean()),
        "n": first.n,
        "n_labels_known": int(first.known.sum()),
        "median_distance": None,
        "seconds": sum(one.seconds for one in inside),
        "forward_passes_per_image": sum(one.forward_passes for one in inside) / first.n,
        "backward_passes_per_image": sum(one.backward_passes for one in inside) / first.n,
        "knowledge": "",
        "protocol": f"worst case over {titles}, {_ball(norm, radius)}",
        "source": "",
        "weights_sha256": first.spec.weights.sha256,
    }


def _inside(its: Sequence[AttackOutcome], norm: AttackNorm, radius: float) -> list[AttackOutcome]:
    """The attacks in a ball, or in a smaller one of its norm."""
    return [one for one in its if one.config.norm == norm and (one.config.eps or 0) <= radius]


def _share(correct: np.ndarray) -> Interval:
    found = wilson(int(correct.sum()), len(correct))
    assert found is not None  # the request refuses to be without images
    return found


def _percent_of(name: str, interval: Interval | None) -> dict[str, float | None]:
    """A fraction in percent with its bounds, beside another one."""
    columns = (f"{name}_percent", f"{name}_low_percent", f"{name}_high_percent")
    values = (None,) * 3 if interval is None else (interval.estimate, interval.low, interval.high)
    return {column: None if value is None else 100 * value for column, value in zip(columns, values, strict=True)}


def _who(spec: ModelSpec, attack: str, norm: AttackNorm, radius: float | None) -> dict[str, Any]:
    ball = NORM_TITLES[norm] if radius is None else _ball(norm, radius)
    return {"model": spec.name, "attack": attack, "ball": ball, "norm": norm, "eps": radius}


def _ball(norm: AttackNorm, radius: float) -> str:
    return f"{NORM_TITLES[norm]} {in_255ths(radius) if norm == 'linf' else f'{radius:g}'}"
