"""How much a concept counts for a logit: the total Sobol index of its mask (Fel et al. 2023, section 3.2).

Each concept's coefficients are multiplied by a number that is uniform from 0 to 1. The total index is the share of the
logit's variance that is left when all other numbers are known. It has no sign: a concept that speaks against the class
counts as much as one that speaks for it.
"""

import numpy as np

DRAWS = 64  # of each image; the authors' code has 32, the same for all, whose error no average over images takes away


def masks(concepts: int, seed: int, draws: int = DRAWS) -> np.ndarray:
    """The masks to be tried ((concepts + 2) * draws, concepts): two quasi-random designs A and B, then A with one
    column of B, concept by concept (Saltelli et al. 2010). `draws` is a power of two.
    """
    from scipy.stats import qmc

    both = qmc.Sobol(2 * concepts, rng=np.random.default_rng(seed)).random(draws)
    one, other = both[:, :concepts], both[:, concepts:]
    mixed = np.repeat(one[None], concepts, axis=0)
    for concept in range(concepts):
        mixed[concept, :, concept] = other[:, concept]
    return np.concatenate([one, other, *mixed])


def total_indices(scores: np.ndarray, concepts: int) -> np.ndarray:
    """Total Sobol indices (N,concepts) by Jansen's estimator, from the scores (N,M) of N images under the M `masks`;
    0 for an image whose score does not change.
    """
    from scipy.stats import sobol_indices

    parts = scores.reshape(len(scores), concepts + 2, -1).astype(np.float64)
    given = {"f_A": parts[:, 0], "f_B": parts[:, 1], "f_AB": parts[:, 2:].transpose(1, 0, 2)}
    with np.errstate(invalid="ignore", divide="ignore"):
        found = sobol_indices(func=given, n=parts.shape[2]).total_order
    return np.nan_to_num(np.atleast_2d(found), nan=0.0, posinf=0.0)
