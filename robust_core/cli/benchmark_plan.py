"""`benchmark plan`: what benchmarks will take on so many devices, from measured costs."""

from argparse import Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from robust_core.benchmark.experiments import EXPERIMENTS, get_experiment
from robust_core.benchmark.forecasts import Costs, Forecast, forecast, read_bytes, summed
from robust_core.benchmark.ray_executor import memory_bytes
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.unit_costs import SHIPPED, measure, read_costs, write_costs
from robust_core.checks import whole
from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.errors import BadInput
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.spec import ModelSpec

ALL = "all"
DEVICES = (1, 8, 64)


def run(options: Namespace) -> None:
    """A line for each experiment with sums over the models; --out holds a row for each experiment with each model."""
    devices = [whole("--gpus", n, 1) for n in options.gpus or DEVICES]
    costs = Costs(read_costs(_table_of_costs(options)))
    configs = _configs(options)
    found = [(config, forecast(config, costs)) for config in configs]
    forecasts = [one for _, one in found if one is not None]
    if not forecasts:
        raise BadInput("None of these models was measured; `benchmark plan --measure FILE` measures them.")
    _print(forecasts, devices)
    _explain(costs, Counter(config.model_key for config, one in found if one is None))
    write_table(options.out, [_row(one, devices, costs) for one in forecasts])


def _table_of_costs(options: Namespace) -> Path:
    """The table that is read, measured before where that is asked for."""
    if options.measure is None:
        return options.costs or SHIPPED
    if options.costs is not None:
        raise BadInput("--costs reads what --measure would write; expected one of the two.")
    experiments = [get_experiment(key) for key in _keys(options.experiment, list(EXPERIMENTS))]
    write_costs(options.measure, follow("measuring", measure(_specs(options), experiments)))
    return options.measure


def _configs(options: Namespace) -> list[RunConfig]:
    """Every experiment with every model that it fits."""
    rows = [get_experiment(key) for key in _keys(options.experiment, list(EXPERIMENTS))]
    specs = _specs(options)
    fitting = [(row, spec) for row in rows for spec in specs if row.label_space == spec.label_space]
    if not fitting:
        raise BadInput("None of these experiments is for the classes of these models.")
    return [RunConfig(row.key, spec.key, limit=options.n) for row, spec in fitting]


def _specs(options: Namespace) -> list[ModelSpec]:
    return [get_spec(key) for key in _keys(options.model, [spec.key for spec in list_models()])]


def _keys(asked: Sequence[str] | None, every: Sequence[str]) -> Sequence[str]:
    """Those that are asked for, all of them by default."""
    return every if asked in (None, [ALL]) else asked


def _print(forecasts: Sequence[Forecast], devices: Sequence[int]) -> None:
    hours = "".join(f"{f'h on {n}':>12}" for n in devices)
    rest = f"{'h loading':>12}{'device GB':>11}{'read GB':>9}{'written MB':>12}"
    print(f"{'experiment':22}{'models':>7}{'units':>11}{hours}{rest}")
    for row in summed(forecasts, devices):
        times = "".join(f"{row[f'hours_on_{n}']:12,.1f}" for n in devices)
        read = "-" if row["read_gb"] is None else f"{row['read_gb']:,.1f}"
        print(
            f"{row['experiment']:22}{row['models']:7}{row['units']:11,}{times}{row['load_hours']:12,.1f}"
            f"{row['device_gb']:11,.1f}{read:>9}{row['written_mb']:12,.1f}"
        )


def _explain(costs: Costs, left_out: Mapping[str, int]) -> None:
    """What the hours are of, and what is not in them: so many runs of a model that are `left_out`."""
    print(
        f"Passes through networks were measured on {'; '.join(costs.devices)}: the hours are of devices like that one; "
        "one that is k times as fast takes a k-th."
    )
    if all(one.startswith("cpu") for one in costs.devices):
        print("That is a CPU: no GPU was measured. `benchmark plan --measure FILE` measures one, where it is.")
    print(
        "Attacks are counted with all their passes, so that those which stop early take less. Loading is CPU time "
        "beside the device. Device memory is that of parameters and of what attacks keep for the way back, at least. "
        "What is read is the size of the archives, where their publisher states it."
    )
    if left_out:
        runs = (f"{key} ({count} run{'' if count == 1 else 's'})" for key, count in left_out.items())
        print(f"Not measured, and left out: {', '.join(runs)}.")


def _row(one: Forecast, devices: Sequence[int], costs: Costs) -> dict[str, object]:
    config = one.config
    return {
        "model": config.model_key,
        "experiment": config.experiment_key,
        "images": one.images,
        "units": one.units,
        "unit_seconds": one.unit_seconds,
        **{f"hours_on_{n}": one.hours(n) for n in devices},
        "load_hours": one.load_hours,
        "device_bytes": one.device_bytes,
        "main_memory_bytes": memory_bytes(config),
        "read_bytes": read_bytes(config.experiment),
        "written_bytes": one.written_bytes,
        "measured_on": "; ".join(costs.devices),
    }
