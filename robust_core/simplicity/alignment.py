"""How alike two gradients are, and how like the edges of the image."""

import numpy as np

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The cosines (N,) of N pairs of arrays of one shape (N, ...), from -1 to 1; NaN where one of the two is zero
    everywhere.
    """
    return np.einsum("ij,ij->i", unit_vectors(first), unit_vectors(second))


def unit_vectors(arrays: np.ndarray) -> np.ndarray:
    """Each of N arrays as a vector of length 1 (N, values); NaN where it is zero everywhere."""
    flat = arrays.reshape(len(arrays), -1).astype(np.float64)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.divide(flat, length, out=np.full_like(flat, np.nan), where=length > 0)


def sensitivity(gradients: np.ndarray) -> np.ndarray:
    """Where each of the gradients (N,H,W,3) is large (N,H,W): its sizes, summed over the colours."""
    return np.abs(gradients).sum(-1)


def edge_strength(images: np.ndarray) -> np.ndarray:
    """How steep the luminance of images (N,H,W,3) is at each place (N,H,W): the length of Sobel's two slopes, with the
    border mirrored.
    """
    from scipy import ndimage  # not before it is needed: a page shows results sooner

    luminance = images.astype(np.float64) @ np.array(LUMA)
    slopes = [[ndimage.sobel(one, axis=axis, mode="reflect") for axis in (0, 1)] for one in luminance]
    return np.stack([np.hypot(*pair) for pair in slopes])
