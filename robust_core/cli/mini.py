"""`mini`: train the models of the synthetic world, render its images, measure what is shipped."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from robust_core import csv_cells, settings
from robust_core.checks import whole
from robust_core.cli.progress import follow
from robust_core.cli.tables import percents, write_table
from robust_core.errors import UnknownName
from robust_core.mini import golden_images
from robust_core.mini.card import measured, write_card
from robust_core.mini.measurement import count_correct
from robust_core.mini.recipes import RECIPES
from robust_core.mini.seeds import OTHER_SEEDS, measure_seed, record_of
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.sheets import write_sheets
from robust_core.mini.splits import SPLITS, TEST, render
from robust_core.mini.training import train
from robust_core.mini.weights import SHIPPED, load
from robust_core.mini.world import SyntheticImages
from robust_core.models.device import choose_device

LARGEST_SEED = 2**31 - 1
COLUMNS = ("file", "shape", "texture", "second")


def run_train(options: Namespace) -> None:
    """Train models and compare each with the shipped one."""
    whole("--seed", options.seed, 0, LARGEST_SEED)
    folder, shipped, rows = options.to or seed_dir(options.seed), measured(), []
    for key in options.model or RECIPES:
        trained = follow(key, train(key, options.seed, folder, _device(), options.precision))
        clean = count_correct(load(trained.path), render(TEST)).interval
        print(f"{key}: {trained.metadata['training_cpu_seconds']} CPU s, {trained.path}")
        print(f"  clean accuracy {clean}; shipped {shipped[key].clean.interval if key in shipped else 'not measured'}")
        about = {
            "model": key,
            "seed": options.seed,
            "training_cpu_seconds": trained.metadata["training_cpu_seconds"],
            "n": clean.n if clean else 0,
        }
        rows.append(about | percents("clean_accuracy", clean))
    write_table(options.out, rows)


def run_render(options: Namespace) -> None:
    """Images of a split, and labels.csv beside them."""
    if options.split not in SPLITS:
        raise UnknownName("split", options.split, SPLITS)
    whole("--n", options.n, 1, SPLITS[options.split].count)
    whole("--seed", options.seed, 0, LARGEST_SEED)
    images = render(SPLITS[options.split], 0, options.n, options.seed)
    options.to.mkdir(parents=True, exist_ok=True)
    with (options.to / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv_cells.write_rows(file, [COLUMNS])
        for index, image in enumerate(images.pixels):
            name = f"{index:05d}.png"
            Image.fromarray((image * 255).round().byte().permute(1, 2, 0).numpy()).save(options.to / name)
            csv_cells.write_rows(file, [[name, *_labels(images, index)]])
    print(f"{len(images)} images and labels.csv in {options.to}")


def _labels(images: SyntheticImages, index: int) -> Sequence[str]:
    second = int(images.second[index])
    return (
        CATEGORIES[images.shape[index]],
        CATEGORIES[images.texture[index]],
        CATEGORIES[second] if second >= 0 else "",
    )


def run_sheet(options: Namespace) -> None:
    """Contact sheets."""
    print(*write_sheets(options.to), sep="\n")


def run_card(options: Namespace) -> None:
    """The model card."""
    print(follow("card", write_card(SHIPPED, runs_dir() / "filter", options.precision)))


def run_seeds(options: Namespace) -> None:
    """The family with other seeds, trained and measured."""
    for seed in OTHER_SEEDS:
        folder = options.to / f"seed_{seed}" if options.to else seed_dir(seed)
        follow(f"seed {seed}", measure_seed(seed, record_of(seed), folder, _device(), options.precision))
        print(record_of(seed))


def run_golden(options: Namespace) -> None:
    """How the world looks now, stored."""
    print(*golden_images.write(), sep="\n")


def runs_dir() -> Path:
    """Where a user's own training goes; the shipped weights are never overwritten by accident."""
    return settings.cache_dir() / "runs" / "mini"


def seed_dir(seed: int) -> Path:
    """Where the models of one training seed go."""
    return runs_dir() / f"seed_{seed}"


def _device() -> str:
    """Small networks train on the CPU unless a device is named."""
    return str(choose_device()) if settings.device_name() else "cpu"
