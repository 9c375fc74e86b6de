"""Finished runs in a store, with numbers and predictions of our choice."""

from robust_core.benchmark.stored_runs import run_of, unit_name
from robust_core.results import Result


def number(
    model="somebody",
    benchmark="mini",
    condition="",
    metric="top1",
    value=50.0,
    unit="%",
    n=4,
    protocol="as here",
    kind="cached",
    source="here",
):
    return Result(benchmark, model, condition, metric, value, unit, n, protocol, kind, source)


def save_run(store, model, rows, predictions, *, experiment="mini", images_digest="the same", seed=0):
    """A finished run of `model`; `predictions` by condition, as the runner writes them."""
    identity = {"experiment": experiment, "model": model, "weights_sha256": f"weights of {model}", "seed": seed}
    run = run_of(identity, store)
    run.begin(identity)
    names = {condition: unit_name(condition, 0, "0123") for condition in predictions}
    for condition, name in names.items():
        run.write_unit(name, predictions[condition])
    run.finish(identity, list(names.values()), images_digest, rows)
    return run
