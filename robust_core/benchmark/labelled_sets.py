"""Labelled sets of images that take the place of an experiment's own: which of them fit, and where the one that is
chosen comes from.
"""

from dataclasses import replace
from pathlib import Path

from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.run_configs import RunConfig
from robust_core.data import find_origins
from robust_core.data.datasets import DataSet
from robust_core.data.discovery import find_data_set, find_folders
from robust_core.data.foolbox import Foolbox
from robust_core.data.image_folder import Folder
from robust_core.errors import DataUnavailable, UnknownName


def data_folder(config: RunConfig) -> Path:
    """The folder in which the run's images are looked for; raises DataUnavailable when none is named."""
    if config.data is None:
        raise DataUnavailable(
            f"{config.experiment.title} needs a folder of images; name it with --data, or in ROBUST_LAB_DATA."
        )
    return config.data


def fitting_sets(experiment: Experiment, data: Path | None) -> dict[str, Folder | Foolbox]:
    """The labelled sets, bundled or below `data`, that lie as the experiment's own images do, by title; its own set is
    none of them.
    """
    own = experiment.images
    if not experiment.takes_other_images or not isinstance(own, DataSet):
        return {}
    kind = own.layout.sequences, own.layout.conditions is not None
    labelled = (one for one in find_origins(data).values() if one.collection.labelled and one.row is not own)
    return {one.title: one for one in labelled if (one.sequences, bool(one.collection.conditions)) == kind}


def labelled_set(config: RunConfig) -> Folder | Foolbox:
    """Where the images of the set `config.images` come from; raises UnknownName when there is none of that title that
    fits.
    """
    found = fitting_sets(config.experiment, config.data)
    if config.images not in found:
        raise UnknownName("labelled set of images", config.images, found)
    return found[config.images]


def images_of(config: RunConfig) -> Folder | Foolbox | None:
    """Where the images of the run come from; None for those that are drawn, and for cue conflicts.

    Raises DataUnavailable when they are not here, UnknownName for a set that is not.
    """
    if config.images:
        return labelled_set(config)
    own = config.experiment.images
    return find_data_set(own, data_folder(config)) if isinstance(own, DataSet) else None


def in_words(config: RunConfig) -> tuple[str, ...]:
    """Which conditions of the run's images are here, if not all of them, and what is left out of the images."""
    found = images_of(config)
    if found is None:
        return ()
    here = sum("/".join(condition.values) in found.collection.conditions for condition in config.conditions)
    some = (
        f"{here} of {len(config.conditions)} conditions are here."
        if found.collection.conditions and here < len(config.conditions)
        else ""
    )
    return tuple(filter(None, (some, *found.left_out(None))))


def on_its_folder(config: RunConfig) -> RunConfig:
    """The run on the images right in its data folder, where that is a labelled set and the experiment's own one is
    not below it.
    """
    experiment = config.experiment
    if (
        config.images
        or config.data is None
        or not experiment.takes_other_images
        or any(one.row is experiment.images for one in find_folders(config.data))
    ):
        return config
    fitting = fitting_sets(experiment, config.data)
    return replace(config, images=next((title for title, one in fitting.items() if one.collection.key == "own"), ""))
