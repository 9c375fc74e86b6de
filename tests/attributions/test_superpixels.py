import torch

from robust_core.attributions.superpixels import superpixels


def test_pieces_follow_the_colours():
    pixels = torch.zeros(3, 32, 32)
    pixels[0, :, 13:] = 1
    piece_of = superpixels(pixels, 16)
    assert not set(piece_of[:, :13].unique().tolist()) & set(piece_of[:, 13:].unique().tolist())


def test_about_as_many_as_asked_for_and_the_same_each_time():
    pixels = torch.rand(3, 48, 64, generator=torch.Generator().manual_seed(0))
    pieces = superpixels(pixels, 40)
    assert 30 <= len(pieces.unique()) <= 50
    assert torch.equal(pieces, superpixels(pixels, 40))
