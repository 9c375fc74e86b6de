"""What a benchmark will take before it is run: hours on so many devices, memory and bytes, from measured costs
(`unit_costs.py`) and from how many images each published set has.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from robust_core.benchmark.experiment import Conflicts, Experiment
from robust_core.benchmark.experiments import EXPERIMENTS, get_experiment
from robust_core.benchmark.experiments_imagenet import EVERY_OTHER
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import finished
from robust_core.benchmark.unit_costs import FORWARD, GRADIENT, LOAD, UnitCost, side_px
from robust_core.data import datasets
from robust_core.data.fetchable import DOWNLOADS
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.results import published, published_tables
from robust_core.settings import SHIPPED_CACHE

STIMULI = 1_201  # published cue conflicts that count, as Orhan 2019 did
SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True)
class Forecast:
    """What an experiment with a model takes: `units` of `unit_seconds` on one device like the measured one, for
    `images` under all conditions together.

    `load_hours` are hours of one CPU that reads, draws and corrupts beside it. `device_bytes` are parameters, and what
    an attack keeps for the way back, at least; `written_bytes` what the store grows by.
    """

    config: RunConfig
    units: int
    images: int
    unit_seconds: float
    load_hours: float
    device_bytes: int
    written_bytes: int

    def hours(self, devices: int) -> float:
        """On so many devices, the last round of which may leave some idle."""
        return -(-self.units // devices) * self.unit_seconds / SECONDS_PER_HOUR


class Costs:
    """Measured costs to look up."""

    def __init__(self, costs: Iterable[UnitCost]):
        self.by_key = {(one.what, one.key, one.px): one for one in costs}

    def of(self, spec: ModelSpec, what: str) -> UnitCost | None:
        """What a pass of an image through the model costs; None where its architecture was not measured."""
        return self.by_key.get((what, spec.architecture.name, side_px(spec)))

    def load_s(self, experiment: Experiment) -> float:
        """Seconds to read or draw an image; 0 where that was not measured."""
        found = (one.seconds for one in self.by_key.values() if (one.what, one.key) == (LOAD, experiment.key))
        return next(found, 0.0)

    @property
    def devices(self) -> tuple[str, ...]:
        """What the passes were measured on, and when; what begins with "cpu" is none that a plan for GPUs is about."""
        passes = (one for one in self.by_key.values() if one.what != LOAD)
        return tuple(dict.fromkeys(f"{one.device}, on {one.date}" for one in passes))


def forecast(config: RunConfig, costs: Costs) -> Forecast | None:
    """What the run takes, were nothing of it there; None where a model of it was not measured."""
    experiment = config.experiment
    seconds = _image_seconds(config, costs)
    if seconds is None:
        return None
    count = images_per_condition(config)
    per_condition, conditions = -(-count // experiment.unit_images), len(config.conditions)
    images = count * conditions
    return Forecast(
        config,
        units=per_condition * conditions,
        images=images,
        unit_seconds=min(count, experiment.unit_images) * seconds,
        load_hours=images * costs.load_s(experiment) / SECONDS_PER_HOUR,
        device_bytes=_device_bytes(config, costs),
        written_bytes=int(images * _written_per_image()[type(experiment.task)]),
    )


def images_per_condition(config: RunConfig) -> int:
    """As many as the published set has by the published rows, or Mini draws; fewer under a limit."""
    experiment = config.experiment
    if experiment.label_space == MINI:
        return _drawn(experiment.key, config.model_key, config.limit)
    if config.limit is not None:
        return config.limit
    if isinstance(experiment.images, Conflicts):
        return STIMULI
    named = EXPERIMENTS["imagenet"] if experiment.images is datasets.VAL else experiment
    return -(-_published_n()[named.benchmark] // (2 if EVERY_OTHER in config.quirks else 1))


def read_bytes(experiment: Experiment) -> int | None:
    """Bytes of the archives that an experiment's images come in, as their publisher states; None where nobody does."""
    archives = [one for download in DOWNLOADS for one in download.archives if one.data_set is experiment.images]
    asked = {one.words.get("corruption") for one in experiment.conditions}
    needed = [one for one in archives if asked == {None} or asked & {*one.adds}]
    sizes = [one.bytes or (one.about_gb or 0) * 10**9 for one in needed]
    return sum(sizes) if sizes and all(sizes) else None


def _image_seconds(config: RunConfig, costs: Costs) -> float | None:
    """Seconds of the device for an image under one condition: all passes of the task, at most.

    Of passes that go forward and back each pair is a gradient; those of an attack on another model are its.
    """
    task, spec = config.experiment.task, config.spec
    attacked = _attacked(config)
    own, forward, gradient = costs.of(spec, FORWARD), costs.of(attacked, FORWARD), costs.of(attacked, GRADIENT)
    if own is None or forward is None or gradient is None:
        return None
    if not task.gradients:
        return task.passes * own.seconds
    elsewhere = attacked is not spec
    pairs, single = divmod(task.passes - elsewhere, 2)
    return pairs * gradient.seconds + single * forward.seconds + elsewhere * own.seconds


def _attacked(config: RunConfig) -> ModelSpec:
    """The model that an attack runs on."""
    other = config.experiment.substitute
    return config.spec if other in (None, config.model_key) else get_spec(other)


def _device_bytes(config: RunConfig, costs: Costs) -> int:
    from robust_core.models.batches import PIXELS_AT_ONCE

    attacked, spec = _attacked(config), config.spec
    parameters = sum(one.memory_bytes for one in {one.key: one for one in (spec, attacked)}.values())
    gradient = costs.of(attacked, GRADIENT)
    if gradient is None or not config.experiment.task.gradients:
        return parameters
    at_once = max(1, PIXELS_AT_ONCE["cuda"] // side_px(attacked) ** 2)
    return parameters + min(at_once, config.experiment.unit_images) * gradient.saved_bytes


@cache
def _drawn(experiment_key: str, model_key: str, limit: int | None) -> int:
    from robust_core.benchmark.plans import make_plan

    plan = make_plan(RunConfig(experiment_key, model_key, limit=limit))
    return sum(len(unit.places) for unit in plan.units) // len(plan.images)


@cache
def _published_n() -> Mapping[str, int]:
    """The largest n of each benchmark in the published tables, which is that of the whole set."""
    most: dict[str, int] = {}
    for table in published_tables():
        for row in published(table):
            most[row.benchmark] = max(most.get(row.benchmark, 0), row.n or 0)
    return most


@cache
def _written_per_image() -> Mapping[type, float]:
    """Bytes that a kind of task leaves on the disk for an image, in the shipped runs of Mini with predictions."""
    totals: dict[type, list[int]] = {}
    for run in finished(SHIPPED_CACHE / "mini" / "results"):
        if not (run.folder / "answers.npz").is_file():
            continue
        predictions = run.predictions().values()
        images = sum(len(next(iter(one.values()))) for one in predictions)
        so_far = totals.setdefault(type(get_experiment(run.identity["experiment"]).task), [0, 0])
        so_far[0] += (run.folder / "answers.npz").stat().st_size
        so_far[1] += images
    return {kind: written / images for kind, (written, images) in totals.items()}


def summed(forecasts: Sequence[Forecast], devices: Sequence[int]) -> Iterator[dict[str, object]]:
    """One row for each experiment and one for all: sums over the models, of whose memory the largest is named."""
    groups: dict[str, list[Forecast]] = {one.config.experiment_key: [] for one in forecasts}
    for one in forecasts:
        groups[one.config.experiment_key].append(one)
    for key, group in (*groups.items(), ("all", list(forecasts))):
        yield {
            "experiment": key,
            "models": len({one.config.model_key for one in group}),
            "units": sum(one.units for one in group),
            **{f"hours_on_{n}": sum(one.hours(n) for one in group) for n in devices},
            "load_hours": sum(one.load_hours for one in group),
            "device_gb": max(one.device_bytes for one in group) / 1e9,
            "read_gb": _read_gb({one.config.experiment_key for one in group}),
            "written_mb": sum(one.written_bytes for one in group) / 1e6,
        }


def _read_gb(keys: Iterable[str]) -> float | None:
    """The archives of the experiments together; None where a publisher states no size."""
    sizes = [read_bytes(get_experiment(key)) for key in keys if get_experiment(key).label_space != MINI]
    return None if None in sizes or not sizes else sum(filter(None, sizes)) / 1e9
