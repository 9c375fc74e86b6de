"""What the runner is to do, as data that validates itself: an experiment with a model, in full or in part."""

from dataclasses import dataclass
from pathlib import Path

from robust_core.benchmark.attack_tasks import SOURCE
from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.experiments import get_experiment
from robust_core.checks import set_whole
from robust_core.corruptions.frost_photos import frost_source
from robust_core.corruptions.table import STORED_JPEG_QUALITY
from robust_core.errors import BadInput, UnknownName
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.results import BenchmarkCondition

OF_SOME = ("images", "as_stored", "frost", "sources_sha256")  # in the identity of those runs alone that have them
AS_STORED = f"JPEG of quality {STORED_JPEG_QUALITY}, as stored"


@dataclass(frozen=True)
class RunConfig:
    """What to run: an experiment with a model, on images below `data` (None: synthetic ones).

    `limit` images are drawn by `seed` (`data.SELECTION_RULE`), all of them if it is None; random attacks have the
    same seed. `without` are the quirks that are left out, `only` is the one condition that is asked for, `images` the
    title of a labelled set below `data` that takes the place of the experiment's own images. `as_stored` sends images
    that are corrupted live through the JPEG that the stored ImageNet-C went through. Raises UnknownName, or BadInput
    for a limit, a seed, a model, images or a switch that do not fit.
    """

    experiment_key: str
    model_key: str
    data: Path | None = None
    limit: int | None = None
    seed: int = 0
    without: tuple[str, ...] = ()
    only: str | None = None
    images: str = ""
    as_stored: bool = False

    def __post_init__(self):
        experiment, spec = self.experiment, self.spec
        if spec.label_space != experiment.label_space:
            theirs, its = experiment.label_space.title, spec.label_space.title
            raise BadInput(
                f"{experiment.title} is for models with the classes of {theirs}; {spec.title} has those of {its}."
            )
        if self.limit is not None:
            set_whole(self, "limit", 1)
        set_whole(self, "seed", 0)
        if self.images and not experiment.takes_other_images:
            raise BadInput(
                f"{experiment.title} is about images of its own; on other images the experiments on ImageNet's "
                "validation set can be run."
            )
        if self.as_stored and not experiment.corrupts_live:
            raise BadInput(f"{experiment.title} corrupts no image live; its images are measured as they are.")
        if self.only is not None and self.only not in experiment.conditions:
            raise UnknownName(f"condition of {experiment.title}", self.only, experiment.conditions)
        for key in self.without:
            if key not in {quirk.key for quirk in experiment.quirks}:
                raise UnknownName(f"quirk of {experiment.title}", key, [quirk.key for quirk in experiment.quirks])

    @property
    def experiment(self) -> Experiment:
        """The row of the table."""
        return get_experiment(self.experiment_key)

    @property
    def spec(self) -> ModelSpec:
        """The model's row."""
        return get_spec(self.model_key)

    @property
    def conditions(self) -> tuple[BenchmarkCondition, ...]:
        """Those that are asked for."""
        return tuple(one for one in self.experiment.conditions if self.only in (None, one))

    @property
    def quirks(self) -> frozenset[str]:
        """The quirks that are kept."""
        return frozenset(quirk.key for quirk in self.experiment.quirks) - set(self.without)

    @property
    def other_models(self) -> tuple[str, ...]:
        """The keys of the models that are attacked in place of this one: the experiment's substitute, or the sources
        that its conditions name.
        """
        sources = (one.words.get(SOURCE) for one in self.conditions)
        return tuple(key for key in (self.experiment.substitute, *sources) if key)

    @property
    def sources_sha256(self) -> list[str | None]:
        """Of the weights of the models that the conditions name."""
        return [get_spec(one.words[SOURCE]).weights.sha256 for one in self.conditions if SOURCE in one.words]

    @property
    def frost(self) -> str:
        """What frost is made of where it is not made of the photos of the reference; "" where it is, and where no image
        gets frost live.
        """
        live = self.experiment.corrupts_live and any(one.words["corruption"] == "frost" for one in self.conditions)
        source = frost_source()
        return "" if not live or source.is_reference else source.protocol

    @property
    def identity(self) -> dict:
        """Everything that determines the predictions but the images, as plain values."""
        experiment, spec = self.experiment, self.spec
        return {
            "experiment": experiment.key,
            "version": experiment.version,
            "model": spec.key,
            "weights_sha256": spec.weights.sha256,
            "substitute_sha256": get_spec(experiment.substitute).weights.sha256 if experiment.substitute else None,
            "preprocessing": experiment.preprocessing(spec),
            "quirks": sorted(self.quirks),
            "only": self.only,
            "limit": self.limit,
            "seed": self.seed,
        } | {name: value for name in OF_SOME if (value := getattr(self, name))}

    @property
    def protocol(self) -> str:
        """How it is measured, in words, with every departure from the experiment's own protocol."""
        experiment, prepared = self.experiment, self.experiment.preprocessing(self.spec)
        return "; ".join(
            filter(
                None,
                [
                    f"Images of {self.images}" if self.images else "",
                    prepared if prepared != experiment.implied else "",
                    experiment.protocol,
                    *(quirk.kept if quirk.key in self.quirks else quirk.left_out for quirk in experiment.quirks),
                    self.frost,
                    AS_STORED if self.as_stored else "",
                    f"{self.limit:,} images drawn with seed {self.seed}" if self.limit else "",
                ],
            )
        )
