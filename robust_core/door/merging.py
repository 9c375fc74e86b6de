"""Several requests as few: those that differ in their models alone, and the maps of one image."""

import json
from collections.abc import Sequence
from dataclasses import replace

from robust_core.attributions.curve_protocols import USUAL_PROTOCOL
from robust_core.errors import BadInput
from robust_core.studies.attribution_maps import AttributionRequest, MapMetricsRequest, MapRequest
from robust_core.studies.request import Request


def merged(requests: Sequence[Request]) -> list[Request]:
    """Those that differ in the models alone as one; the maps of one model and image too. Raises BadInput for none."""
    if not requests:
        raise BadInput("There is no request; expected at least one.")
    found: dict[str, Request] = {}
    for one in _with_all_methods(requests):
        rest = json.dumps([type(one).__name__, one.identity | {"models": None}], sort_keys=True)
        before = found[rest].models if rest in found else ()
        new = tuple(spec for spec in one.models if spec not in before)
        found[rest] = replace(one, models=(*before, *new))
    return list(found.values())


def _with_all_methods(requests: Sequence[Request]) -> list[Request]:
    """Each map request as a request for maps, that with all methods that are asked of the same model and image."""
    found: dict[str, Request] = {}
    for number, one in enumerate(requests):
        if type(one) not in (MapRequest, MapMetricsRequest):
            found[str(number)] = one
            continue
        assert isinstance(one, MapRequest)
        metrics = one if isinstance(one, MapMetricsRequest) else None
        protocol = metrics.protocol if metrics else USUAL_PROTOCOL
        asked = AttributionRequest(
            one.models, one.image, (), one.target, metrics is not None, one.condition, protocol=protocol
        )
        before = found.setdefault(json.dumps(asked.identity, sort_keys=True), asked)
        assert isinstance(before, AttributionRequest)
        methods = dict.fromkeys((*before.methods, (one.method, one.settings)))
        found[json.dumps(asked.identity, sort_keys=True)] = replace(before, methods=tuple(methods))
    return list(found.values())
