"""Shape or texture from a shell: shape bias with its coverage, under both published rules, one row for each model."""

import argparse
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from robust_core.cue_conflict.decisions import RULES, DecisionRule
from robust_core.cue_conflict.votes import compare
from robust_core.errors import BadInput
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.stimulus_sets import FETCH, StimulusSet, drawn_set, folder_set
from robust_core.studies import shape_bias
from robust_core.studies.shape_bias import Ballot
from robust_core.terminal import follow, run_command, whole_number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""
    return run_command(lambda: _print_votes(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.cue_conflict", description=__doc__)
    parser.add_argument("keys", nargs="+", metavar="KEY", help="models of one world; `python -m robust_core.models list` shows all")
    parser.add_argument("--stimuli", type=Path, metavar="FOLDER", help=f"the published pictures ({FETCH}); mini models have their own")
    parser.add_argument("--n", type=int, help="how many stimuli (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of n published stimuli (default: %(default)s)")
    parser.add_argument("--as-orhan", action="store_true", help="leave the picture without a conflict in, as Orhan 2019 did (1,201)")
    return parser


def _print_votes(options: argparse.Namespace) -> None:
    whole_number("--seed", options.seed, 0)
    stimuli = _choose_stimuli(options)
    ballots = follow("votes", shape_bias.run(options.keys, stimuli, stimuli.count if options.n is None else options.n)).ballots
    print(f"{len(ballots[0].stimuli)} stimuli of “{stimuli.title}”, never resized. {stimuli.rule}")
    rules = RULES[:1] if get_spec(options.keys[0]).label_space == MINI else RULES
    for rule in rules:
        print("\nA model's class is its category" if len(rules) == 1 else f"\n{rule.title} ({rule.source})")
        _print_table(ballots, rule)


def _choose_stimuli(options: argparse.Namespace) -> StimulusSet:
    worlds = {get_spec(key).label_space for key in options.keys}
    if len(worlds) > 1:
        raise BadInput("Mini models see drawn pictures and ImageNet models photographs; ask about the models of one world.")
    if worlds == {MINI}:
        if options.stimuli or options.as_orhan:
            raise BadInput("Mini models are asked about the drawn world's own stimuli; leave --stimuli and --as-orhan out.")
        return drawn_set()
    if options.stimuli is None:
        raise BadInput(f"Name the folder of the published stimuli with --stimuli; {FETCH} says how to get them.")
    return folder_set(options.stimuli, seed=options.seed, as_orhan=options.as_orhan)


def _print_table(ballots: Sequence[Ballot], rule: DecisionRule) -> None:
    print(f"{'model':<28}{'shape':>6}{'texture':>9}{'n':>6}   {'shape bias % [95 %]':<24}coverage % [95 %]")
    for ballot in ballots:
        votes = ballot.votes(rule)
        bias, coverage = map(_percent, (votes.shape_bias_interval, votes.coverage_interval))
        print(f"{ballot.model_key:<28}{votes.shape:>6}{votes.texture:>9}{votes.n:>6}   {bias:<24}{coverage}")
    for first, second in combinations(ballots, 2):
        pair = compare(first.decisions(rule), second.decisions(rule), first.stimuli)
        p_value = "" if pair.p_value is None else f", p = {pair.p_value:.2g} (McNemar, exact)"
        print(f"{first.model_key} and {second.model_key} are divided on {pair.divided}: shape {pair.first_shape} to {pair.second_shape}{p_value}")


def _percent(interval: Interval | None) -> str:
    return "nothing decided" if interval is None else f"{100 * interval.estimate:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


if __name__ == "__main__":
    sys.exit(main())
