"""What a row says in words."""

from robust_core.images import Preprocess


def test_preprocessing_in_words():
    half = (0.5, 0.5, 0.5)
    assert str(Preprocess(256, 224, "bilinear", half, half)) == (
        "shorter side to 256 px (bilinear), centre 224 px; mean 0.5 0.5 0.5, std 0.5 0.5 0.5"
    )
    assert str(Preprocess(None, 224, "bilinear", half, half)).startswith("centre 224 px")
    assert str(Preprocess(448, 448, "bicubic", half, half, squash=True)).startswith("both sides to 448 px (bicubic)")
