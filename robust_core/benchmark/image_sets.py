"""Labelled sets of images that take the place of an experiment's own: which of them fit, and the folder of the one that is chosen."""

from dataclasses import replace
from pathlib import Path

from robust_core.benchmark.experiments import Experiment
from robust_core.benchmark.orders import Order
from robust_core.errors import DataUnavailable, UnknownName
from robust_core.samples.folder import Folder
from robust_core.samples.folders import find_folders


def data_folder(order: Order) -> Path:
    """The folder in which the order's images are looked for; raises DataUnavailable when none is named."""
    if order.data is None:
        raise DataUnavailable(f"{order.experiment.title} needs a folder of pictures; name it with --data, or in ROBUST_LAB_DATA.")
    return order.data


def fitting_sets(experiment: Experiment, data: Path | None) -> dict[str, Folder]:
    """The labelled sets below `data` that lie as the experiment's own images do, by title; its own set is none of them."""
    own = experiment.pictures
    if data is None or not experiment.takes_other_images:
        return {}
    kind = own.layout.films, own.layout.conditions is not None
    fitting = (folder for folder in find_folders(data) if folder.layout.labelled and folder.row is not own)
    return {folder.title: folder for folder in fitting if (folder.layout.films, folder.layout.conditions is not None) == kind}


def labelled_set(order: Order) -> Folder:
    """The folder of `order.images`; raises UnknownName when there is none of that title that fits, and what `data_folder` raises."""
    found = fitting_sets(order.experiment, data_folder(order))
    if order.images not in found:
        raise UnknownName("labelled set of images", order.images, found)
    return found[order.images]


def on_its_folder(order: Order) -> Order:
    """The order on the images right in its data folder, where that is a labelled set and the experiment's own one is not below it."""
    experiment = order.experiment
    if order.images or order.data is None or not experiment.takes_other_images or any(one.row is experiment.pictures for one in find_folders(order.data)):
        return order
    fitting = fitting_sets(experiment, order.data)
    return replace(order, images=next((title for title, folder in fitting.items() if folder.path == order.data), ""))
