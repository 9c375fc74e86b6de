"""Our bounds against every certificate that Cohen et al. 2019 published."""

import csv
import gzip
from pathlib import Path

import pytest

from robust_core.certificates import bounds

CERTIFICATES = Path(__file__).parents[1] / "benchmark" / "cohen2019_certificates.csv.gz"
N, SURE_OF = 100_000, 3.5  # draws; in σ, from where on single votes can be told apart in three digits


def published():
    with gzip.open(CERTIFICATES, "rt", newline="") as file:
        return [(float(row["sigma"]), float(row["l2_radius"])) for row in csv.DictReader(file)]


def possible(sigma, alpha):
    """The radii of up to twenty votes against the class, in three digits as published."""
    return {float(f"{bounds.radius(bounds.lower_bound(N - against, N, alpha), sigma):.3g}") for against in range(20)}


@pytest.mark.parametrize("sigma", [0.25, 0.5, 1.0])
def test_the_published_radii_are_those_of_whole_votes_at_ten_times_the_alpha_stated(sigma):
    """The paper states α = 0.001. Its largest radii, 3.91σ, are beyond the ceiling of that, and fit α = 0.01."""
    found = {radius for its, radius in published() if its == sigma and radius > SURE_OF * sigma}
    assert len(found) >= 5
    assert found <= possible(sigma, 0.01)
    assert not found <= possible(sigma, 0.001)
    assert max(found) == pytest.approx(bounds.ceiling(sigma, N, 0.01), rel=3e-3)
    assert max(found) > 1.02 * bounds.ceiling(sigma, N, 0.001)
