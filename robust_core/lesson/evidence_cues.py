"""Evidence of the scenes on shape and texture: stimuli that the class sees too, and glasses for networks.

The published stimuli are not shipped; where they are not on this machine, Mini's own conflicts stand in.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np

from robust_core.cue_conflict.decisions import RULES
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.events import Progress
from robust_core.lesson.answers import Answer, Curve
from robust_core.lesson.evidence_photos import LARGEST_WSL, ORDINARY, photos_here
from robust_core.lesson.found import Found, each, find_or_run, quoted
from robust_core.lesson.shown_images import published_stimuli
from robust_core.recordings import shipped
from robust_core.studies.glasses import Glasses
from robust_core.studies.glasses_responses import CHOSEN, SHAPE_BIAS, GlassesResponses
from robust_core.studies.request import Request
from robust_core.studies.shape_bias import ModelResponses, ShapeBiasRequest

BEST_CLASS, PEOPLE, TEN_PEOPLE = "cue conflict by the best class", "cue conflict, people", "10 people"
WITH_QUIRK, OF_PEOPLE = "pictures=1201", "pictures=12000"  # conditions of the published rows
FILTER = "blur"
METRICS = {"shape_bias": "shape bias", "coverage": "coverage"}
MINIS = "Mini's own conflicts: the published stimuli or the networks for them are not on this machine"


def cue_conflict_requests() -> tuple[Request, ...]:
    """Shape biases on the published stimuli, or else on all of Mini's."""
    stimuli = published_stimuli()
    if stimuli is None or not photos_here():
        return each(shipped.glasses_request(FILTER))
    models = shipped.mistaken_request().models
    return each(ShapeBiasRequest(models, stimuli, min(shipped.STIMULI, stimuli.count)))


def cue_conflict_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """Shape bias and coverage: published ones of networks and of people in the lab, and those of networks here."""
    answers = []
    for metric, title in METRICS.items():
        models = quoted("shape_bias", BEST_CLASS, metric, LARGEST_WSL, ORDINARY, condition=WITH_QUIRK, what=title)
        people = quoted("shape_bias", PEOPLE, metric, TEN_PEOPLE, condition=OF_PEOPLE, what=title)
        answers += [replace(one, metric=title) for one in (*people, *models)]
    for one in found:
        answers += _of_network(one)
    return tuple(answers)


def network_decisions(stimuli: StimulusSet) -> Generator[Progress, None, list[tuple[Found, np.ndarray]]]:
    """What each network decides for (N,), as places among the 16 categories, on the stimuli of a bet: Mini's networks
    on Mini's, as recorded, and ImageNet's, as far as they are here, on published ones, computed now.
    """
    if stimuli.key[0] != "folder":
        asked = each(shipped.glasses_request(FILTER))
    else:
        models = shipped.mistaken_request().models if photos_here() else ()
        asked = each(ShapeBiasRequest(models, stimuli, stimuli.count)) if models else ()
    decided = []
    for request in asked:
        one = yield from find_or_run(request)
        (responses,) = one.result.by_model
        known = dict(zip((stimulus.id for stimulus in responses.stimuli), _bare_decisions(responses), strict=True))
        decided.append((one, np.array([known[stimulus_id] for stimulus_id in stimuli.ids])))
    return decided


def glasses_requests() -> tuple[Request, ...]:
    """Mini's networks behind a blur."""
    return each(shipped.glasses_request(FILTER))


def glasses_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """Each network's shape bias without the blur, and at the strength that changes it most."""
    answers = []
    for one in found:
        responses = _responses(one)
        strongest = responses.clearest_change(RULES[0])
        for place in (0,) if strongest is None else (0, strongest):
            worn = "without a filter" if place == 0 else f"{responses.row.at(responses.strengths[place])}: {CHOSEN}"
            covered = responses.votes(place, RULES[0]).coverage or 0.0
            protocol = (
                f"shape bias of Mini, {responses.row.title.lower()} {worn}; coverage {covered:.1%} of "
                f"{len(responses.stimuli):,} stimuli"
            )
            share = responses.interval(place, RULES[0], SHAPE_BIAS)
            assert share is not None  # or the change would not be clear
            who = f"{one.who}, {'no filter' if place == 0 else 'blurred'}"
            answers.append(one.share(who, share, protocol, on_curve=True))
    return tuple(answers)


def glasses_curves(found: Sequence[Found]) -> tuple[Curve, ...]:
    """Each network's shape bias over all strengths of the blur."""
    curves = []
    for one in found:
        responses = _responses(one)
        places = range(len(responses.strengths))
        shares = {responses.strengths[at] or 0.0: responses.interval(at, RULES[0], SHAPE_BIAS) for at in places}
        axis = f"{responses.row.title.lower()}, {responses.row.parameter} (0: no filter)"
        protocol = f"shape bias of Mini, {len(responses.stimuli):,} stimuli; {RULES[0].title}"
        curves.append(one.curve("shape bias", axis, shares, protocol))
    return tuple(curves)


def _of_network(one: Found) -> list[Answer]:
    """Shape bias and coverage of one network, without any filter."""
    if isinstance(one.result, Glasses):
        responses = _responses(one)
        shares = [responses.interval(0, RULES[0], metric) for metric in METRICS]
        stimuli = MINIS
    else:
        shares = list(one.result.by_model[0].intervals(RULES[0]))
        stimuli = f"the first {len(one.result.by_model[0].stimuli):,} published stimuli; {RULES[0].title}"
    named = zip(METRICS.values(), shares, strict=True)
    return [
        replace(one.share(f"{one.who}, {title}", share, f"{title}; {stimuli}"), metric=title)
        for title, share in named
        if share
    ]


def _bare_decisions(responses: GlassesResponses | ModelResponses) -> np.ndarray:
    """What a network decides for on every stimulus without any filter."""
    if isinstance(responses, GlassesResponses):
        return responses.decisions[RULES[0].key][0]
    return responses.decisions(RULES[0])


def _responses(one: Found) -> GlassesResponses:
    (responses,) = one.result.by_model
    return responses
