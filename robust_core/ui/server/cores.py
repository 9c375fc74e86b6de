"""How many cores a job takes: all of them for a visitor who is alone; all but one where there are several, whose pages
are drawn meanwhile.

A job keeps what it begins with, as the last digits of a number may depend on it.
"""

from functools import cache

from robust_core.ui.server import visitors


@cache
def every() -> int:
    """As many as PyTorch takes by itself; to be asked first before anything tells it otherwise."""
    import torch

    return torch.get_num_threads()


def take() -> None:
    """Have PyTorch compute on so many in this thread from now on."""
    import torch

    torch.set_num_threads(every() if visitors.present() <= 1 else max(1, every() - 1))
