"""Who is served next: subscribers take turns, whoever was served longest ago first, each with what they asked for
first.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping
from typing import TypeVar

Waiting = TypeVar("Waiting", bound=Hashable)


def in_turn(requests: Mapping[Waiting, Mapping[str, int]], served: Mapping[str, int]) -> dict[Waiting, str]:
    """Everything that waits in the order of service, each with the subscriber whose turn it takes.

    requests  by what waits, who asked for it and the number of each request, ascending in time
    served    the number of each subscriber's last turn; a subscriber without one comes before all others, by their
              first request

    What several watch takes the turn of whichever of them comes first.
    """
    lines: dict[str, list[Waiting]] = defaultdict(list)
    by_request = sorted(
        (number, subscriber, one) for one, subscribers in requests.items() for subscriber, number in subscribers.items()
    )
    for _, subscriber, one in by_request:
        lines[subscriber].append(one)
    turns = deque(
        (subscriber, iter(lines[subscriber]))
        for subscriber in sorted(lines, key=lambda subscriber: served.get(subscriber, 0))
    )
    order: dict[Waiting, str] = {}
    while turns:
        subscriber, line = turns.popleft()
        following = next((one for one in line if one not in order), None)
        if following is not None:
            order[following] = subscriber
            turns.append((subscriber, line))
    return order
