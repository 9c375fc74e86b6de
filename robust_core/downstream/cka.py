"""How alike the features of two networks are on the same images: linear centred kernel alignment."""

import numpy as np


def linear_cka(first: np.ndarray, second: np.ndarray, unbiased: bool = True) -> float:
    """Linear CKA between features (N,U) and (N,V) of the same N images, in the order given (Kornblith et al. 2019,
    ICML, equation 1): 1 for features that are the same up to rotation and scale.

    With fewer images than features the plain estimate is near 1 for any two networks; the `unbiased` one of Nguyen et
    al. 2021 (ICLR, equation 3; at least four images) is 0 on average for unrelated features, and may be below. NaN
    where the features of a network do not vary.
    """
    grams = [_centred(features @ features.T, unbiased) for features in (_float(first), _float(second))]
    of_first, of_second, of_both = ((one * other).sum() for one, other in ((grams[0],) * 2, (grams[1],) * 2, grams))
    if min(of_first, of_second) <= 0:
        return float("nan")
    return float(of_both / np.sqrt(of_first * of_second))


def _float(features: np.ndarray) -> np.ndarray:
    """As float64 about their mean, which changes no CKA and spares digits."""
    values = features.astype(np.float64)
    return values - values.mean(0)


def _centred(gram: np.ndarray, unbiased: bool) -> np.ndarray:
    """A Gram matrix (N,N) centred so that sums of products are the HSIC up to a factor that CKA does not see; for the
    unbiased one its diagonal is 0 (Székely & Rizzo 2014, U-centring).
    """
    if not unbiased:
        return gram - gram.mean(0) - gram.mean(1)[:, None] + gram.mean()
    n = len(gram)
    np.fill_diagonal(gram, 0.0)
    sums = gram.sum(0)
    centred = gram - (sums[:, None] + sums) / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0.0)
    return centred
