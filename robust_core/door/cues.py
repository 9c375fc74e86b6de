"""Shape or texture: which cue models decide for on stimuli in which the two disagree."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.cue_conflict.decisions import RULES, DecisionRule
from robust_core.door import figures
from robust_core.door.models import Chosen, choose
from robust_core.door.outcomes import Outcome, Provenance, percent
from robust_core.door.running import BatchSize, Events, ShowProgress, drive, progress_of
from robust_core.door.whole_numbers import whole
from robust_core.errors import BadInput
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.names import find
from robust_core.stimulus_sets import StimulusSet, folder_set, synthetic_set
from robust_core.studies import shape_bias as study

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from robust_core.door.models import Models

SYNTHETIC, BOTH = "mini", "both"


class ShapeBias(Outcome):
    """Shape bias, whose n are the stimuli decided for either cue, and coverage, whose n are all; a row for each model,
    rule and metric.
    """

    def figure(self) -> "Figure":
        """The shape bias of each model under each rule."""
        rows = self.frame[self.frame["metric"] == "shape_bias"]
        return figures.bars(
            rows.assign(label=rows["model"] + "<br>" + rows["rule"]), "label", "value_percent", "shape bias, %"
        )


def shape_bias(
    models: "Models",
    stimuli: "str | Path | StimulusSet",
    n: int | None = None,
    *,
    rule: str = BOTH,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> ShapeBias:
    """The share of decisions for the shape among those for shape or texture (Geirhos et al. 2019), with its coverage.

    stimuli  a folder of the published images, or of your own named alike (`cat4-clock2.png`) or listed in
             `labels.csv`; "mini" are the synthetic ones, for the mini family. No stimulus is resized
    n        how many, None for all; the first n of their order, which `seed` makes for a folder
    rule     "restricted_argmax" (the best of the 207 mapped classes), "mean_probability", or "both"

    Raises BadInput for models whose classes are neither ImageNet's nor the 16 categories, or a folder without stimuli.

    >>> import robust_core as rc
    >>> votes = rc.shape_bias("mini_resnext", "mini", 16, rule="restricted_argmax", progress=False)
    >>> votes.frame[["model", "metric"]].values.tolist()
    [['mini_resnext', 'shape_bias'], ['mini_resnext', 'coverage']]
    """
    chosen, shown = choose(models), _stimuli(stimuli, seed)
    rules = (
        RULES
        if rule == BOTH
        else tuple(
            row for row in RULES if row.key == find("decision rule", rule, {row.key: row.title for row in RULES})
        )
    )
    count = shown.count if n is None else whole("n", n, 1, shown.count)
    for spec in chosen.specs:
        if spec.label_space not in (IMAGENET, MINI):
            raise BadInput(
                f"Shape bias is counted in the 16 categories; {spec.name} has {len(spec.label_space.names)} classes "
                "that do not make them up."
            )
    return drive(_asked(chosen, shown, count, rules), progress, batch_size, "Shape bias")


def _stimuli(stimuli: "str | Path | StimulusSet", seed: int) -> StimulusSet:
    if isinstance(stimuli, StimulusSet):
        return stimuli
    seed = whole("seed", seed, 0)
    if stimuli == SYNTHETIC:
        return synthetic_set()
    if not isinstance(stimuli, str | Path) or not Path(stimuli).expanduser().is_dir():
        raise BadInput(f'Expected a folder of stimuli, or "{SYNTHETIC}"; got {stimuli!r}.')
    return folder_set(Path(stimuli).expanduser(), seed=seed)


def _asked(chosen: Chosen, stimuli: StimulusSet, n: int, rules: Sequence[DecisionRule]) -> Events[ShapeBias]:
    import pandas

    all_responses = yield from progress_of(study.run([spec.key for spec in chosen.specs], stimuli, n))
    rows = [
        row
        for spec, responses in zip(chosen.specs, all_responses.by_model, strict=True)
        for rule in _that_differ(rules, spec)
        for row in _rows(spec, responses, rule)
    ]
    images = {"title": stimuli.title, "n": n, "rule": stimuli.rule}
    return ShapeBias(
        pandas.DataFrame(rows), Provenance.of("Shape bias", chosen.specs, images, rules=[rule.source for rule in rules])
    )


def _that_differ(rules: Sequence[DecisionRule], spec: ModelSpec) -> Sequence[DecisionRule]:
    """Where the classes are the 16 categories themselves, all rules are one."""
    return rules[:1] if spec.label_space == MINI else rules


def _rows(spec: ModelSpec, responses: study.ModelResponses, rule: DecisionRule) -> list[dict[str, Any]]:
    votes = responses.votes(rule)
    who = {"model": spec.name, "rule": rule.key}
    fixed = {"stimuli": votes.n, "protocol": f"{rule.title}; not resized", "weights_sha256": spec.weights.sha256}
    return [
        who | {"metric": "shape_bias"} | percent("value", votes.shape_bias_interval) | {"n": votes.decided} | fixed,
        who | {"metric": "coverage"} | percent("value", votes.coverage_interval) | {"n": votes.n} | fixed,
    ]
