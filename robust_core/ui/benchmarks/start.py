"""Run an experiment from the page where it is small, and print the command for any size."""

import shlex
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from robust_core import settings
from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.labelled_sets import fitting_sets
from robust_core.benchmark.run_configs import RunConfig
from robust_core.corruptions.table import STORED_JPEG_QUALITY
from robust_core.jobs import Job
from robust_core.models.spec import ModelSpec
from robust_core.ui import jobs, links, words, worlds
from robust_core.ui.benchmarks import known_models, row_table
from robust_core.ui.benchmarks.choice import Boards, one_of
from robust_core.ui.links import note_unknown

if TYPE_CHECKING:  # brings torch
    from robust_core.benchmark.runner import RunStatus

SLOT = "benchmark_run"
SIZES = (32, 64, 128, 256, 512)
# What one run from a page may cost, in passes of a 224 px image through a network; longer ones belong into a
# terminal, where they can be resumed.
MOST_PASSES = 5_000


def show(_boards: Boards) -> None:
    """Choose an experiment, a model and how many images; run it or take the command, and read the numbers when they
    are there.
    """
    config = choose_run_config()
    if config is None:
        return
    asked = st.session_state.get("benchmark_asked")
    show_what_it_is(config)
    if cost_in_passes(config) <= MOST_PASSES:
        st.button(
            "Run",
            key="benchmark_go",
            type="primary",
            icon=":material/play_arrow:",
            disabled=asked == config,
            on_click=_ask,
            args=(config,),
        )
    else:
        st.info(
            "This is too long for a page, where closing the tab ends it. In a terminal it can be stopped, "
            "resumed and shared by several GPUs."
        )
    st.code(command(config), language="bash", wrap_lines=True)

    def outcome() -> None:
        if asked is not None and asked.experiment.label_space == worlds.world():
            show_run(asked)

    jobs.poll_and_draw(outcome)


def choose_run_config() -> RunConfig | None:
    """What the controls ask for; None where no model is ready."""
    ready = {spec.title: spec for spec in worlds.ready_models(worlds.world())}
    if not ready:
        st.info("There are no weights of this world yet; download them on the Models page.")
        return None
    titles = {row.title: row for row in EXPERIMENTS.values() if row.label_space == worlds.world()}
    left, middle, right, last = st.columns([3, 3, 2, 1], vertical_alignment="bottom")
    with left:
        experiment = titles[one_of("Experiment", list(titles), "run_experiment")]
    with middle:
        spec: ModelSpec = ready[one_of("Model", list(ready), "run_model")]
    with right:
        sizes = [*map(str, SIZES), "all"]
        note_unknown("run_n", "number of images", sizes)
        size = st.selectbox(
            "Images for each condition", sizes, index=1, key="run_n", bind="query-params", persist_state="session"
        )
    seed = links.number(last.number_input, "Seed", 0, 99_999, 0, key="run_seed")
    limit = None if size == "all" else int(size)
    images, as_stored = choose_images(experiment), choose_as_stored(experiment)
    return RunConfig(experiment.key, spec.key, settings.data_dir(), limit, seed, images=images, as_stored=as_stored)


def choose_images(experiment: Experiment) -> str:
    """The title of a labelled set that takes the place of the experiment's own images, where there is one that fits; ""
    for its own.
    """
    others = list(fitting_sets(experiment, settings.data_dir()))
    own = getattr(experiment.images, "title", "")
    chosen = (
        one_of(
            "Images", [own, *others], "run_images", "Numbers on other images are filed under the title of their set."
        )
        if others
        else own
    )
    return "" if chosen == own else chosen


def choose_as_stored(experiment: Experiment) -> bool:
    """Whether images that are corrupted live go through the JPEG of the stored ImageNet-C."""
    note_unknown("run_as_stored", "switch position", links.ON_OR_OFF)
    return experiment.corrupts_live and st.toggle(
        f"Through JPEG of quality {STORED_JPEG_QUALITY}, as the stored ImageNet-C",
        key="run_as_stored",
        bind="query-params",
        persist_state="session",
    )


def show_what_it_is(config: RunConfig) -> None:
    """The protocol, the conditions and the quirks that are kept."""
    experiment = config.experiment
    conditions = f" {len(experiment.conditions)} conditions." if len(experiment.conditions) > 1 else ""
    what = f"**{words.plain(experiment.title)}** with {words.plain(config.spec.title)}."
    st.markdown(f"{what}{conditions} Protocol: {words.plain(config.protocol or 'as published')}.")
    if experiment.quirks:
        st.caption("Kept from the published code: " + " ".join(quirk.sentence for quirk in experiment.quirks))


def command(config: RunConfig) -> str:
    """The command that does the same in a terminal, from the folder of this project."""
    parts = [
        "python",
        "-m",
        "robust_core",
        "benchmark",
        "run",
        "--model",
        config.model_key,
        "--experiment",
        config.experiment_key,
    ]
    parts += ["--image-set", config.images] if config.images else []
    parts += ["--n", str(config.limit)] if config.limit else []
    parts += ["--seed", str(config.seed)] if config.seed else []
    parts += ["--as-stored"] if config.as_stored else []
    return shlex.join(parts)


def cost_in_passes(config: RunConfig) -> float:
    """Passes of 224 px images through a network; without a limit, as many images as ImageNet's validation set
    has.
    """
    images = config.limit or getattr(config.experiment.images, "count", 50_000)
    return images * len(config.conditions) * config.experiment.task.passes * (config.spec.preprocess.crop / 224) ** 2


def show_run(config: RunConfig) -> None:
    """The job's progress, then its numbers."""
    job = _start(config)
    if job.result is None:
        jobs.show_progress(SLOT, job)
        return
    rows = sorted(job.result.results, key=lambda row: len(row.settings))  # what sums up comes first
    title = f"{words.plain(config.spec.title)}, {words.plain(config.experiment.title)}"
    st.markdown(f"{words.BADGES['live']} {title}; kept, and CACHED in the other views.")
    known = known_models.who(rows)
    row_table.show(row_table.as_table([replace(row, kind="live") for row in rows], known), "run")


def _ask(config: RunConfig) -> None:
    st.session_state["benchmark_asked"] = config


def _start(config: RunConfig) -> Job:
    def work() -> "Generator[Any, None, RunStatus]":
        from robust_core.benchmark.runner import run  # brings torch

        return (yield from run(config))

    return jobs.start(SLOT, (SLOT, tuple(sorted(map(str, config.identity.items())))), work)
