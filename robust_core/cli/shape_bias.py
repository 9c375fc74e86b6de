"""`shape-bias`: shape bias with its coverage, under both published rules, one row for each model."""

from argparse import Namespace
from collections.abc import Sequence
from itertools import combinations

from robust_core.cli.progress import follow
from robust_core.cli.tables import percents, write_table
from robust_core.cue_conflict.decisions import RULES, DecisionRule
from robust_core.cue_conflict.votes import compare
from robust_core.data.stimulus_sets import FETCH, StimulusSet, folder_set, synthetic_set
from robust_core.errors import BadInput
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies import shape_bias
from robust_core.studies.shape_bias import ModelResponses, ShapeBiasRequest


def run(options: Namespace) -> None:
    """Print a table for each rule, and how the models differ from each other."""
    stimuli = choose_stimuli(options)
    specs = tuple(map(get_spec, options.model))
    request = ShapeBiasRequest(specs, stimuli, stimuli.count if options.n is None else options.n)
    found = follow("shape bias", shape_bias.run(request))
    by_model = found.by_model
    print(f"{len(by_model[0].stimuli)} stimuli of “{stimuli.title}”, never resized. {stimuli.rule}")
    rules = RULES[:1] if get_spec(options.model[0]).label_space == MINI else RULES
    for rule in rules:
        print("\nA model's class is its category" if len(rules) == 1 else f"\n{rule.title} ({rule.source})")
        _print_table(by_model, rule)
    print("", *found.caveats, sep="\n", end="\n" if found.caveats else "")
    write_table(options.out, [_row(responses, rule, options.seed) for rule in rules for responses in by_model])


def choose_stimuli(options: Namespace) -> StimulusSet:
    """The stimuli of the models' world; raises BadInput for models of two worlds, or options that do not fit."""
    worlds = {get_spec(key).label_space for key in options.model}
    if len(worlds) > 1:
        raise BadInput("Mini models see synthetic images and ImageNet models images; name the models of one world.")
    if worlds == {MINI}:
        if options.images or options.as_orhan:
            raise BadInput("Mini models have stimuli of their own; leave --images and --as-orhan out.")
        return synthetic_set()
    if options.images is None:
        raise BadInput(f"Name the folder of the published stimuli with --images; {FETCH} says how to get them.")
    return folder_set(options.images, seed=options.seed, as_orhan=options.as_orhan)


def _print_table(by_model: Sequence[ModelResponses], rule: DecisionRule) -> None:
    print(f"{'model':<28}{'shape':>6}{'texture':>9}{'n':>6}   {'shape bias % [95%]':<24}coverage % [95%]")
    for responses in by_model:
        votes = responses.votes(rule)
        bias, coverage = responses.intervals(rule)
        counts = f"{votes.shape:>6}{votes.texture:>9}{votes.n:>6}"
        print(f"{responses.spec.key:<28}{counts}   {_percent(bias):<24}{_percent(coverage)}")
    if coverage:
        print(f"Intervals: 95%, {coverage.method}.")
    assumed = "" if by_model[0].spec.label_space == MINI else ", as if stimuli were independent"
    for first, second in combinations(by_model, 2):
        pair = compare(first.decisions(rule), second.decisions(rule), first.stimuli)
        p_value = "" if pair.p_value is None else f", p = {pair.p_value:.2g} (McNemar, exact{assumed})"
        print(
            f"{first.spec.key} and {second.spec.key} disagree on {pair.divided}: shape {pair.first_shape} to "
            f"{pair.second_shape}{p_value}"
        )


def _percent(interval: Interval | None) -> str:
    return (
        "nothing decided"
        if interval is None
        else f"{100 * interval.estimate:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
    )


def _row(responses: ModelResponses, rule: DecisionRule, seed: int) -> dict[str, object]:
    votes = responses.votes(rule)
    counts = {
        "model": responses.spec.key,
        "rule": rule.key,
        "n": votes.n,
        "seed": seed,
        "shape": votes.shape,
        "texture": votes.texture,
    }
    bias, coverage = responses.intervals(rule)
    return counts | percents("shape_bias", bias) | percents("coverage", coverage)
