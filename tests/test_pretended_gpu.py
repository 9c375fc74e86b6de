"""The pretended GPU refuses what a real one refuses, and computes what the CPU computes."""

import threading

import pytest
import torch
from torch import nn

from tests.pretended_gpu import GPU, OnGpu, pretended_gpu


@pytest.fixture
def gpu(monkeypatch):
    with pretended_gpu(monkeypatch) as device:
        yield device


def test_what_is_moved_there_says_so_and_comes_back_with_its_values(gpu):
    here = torch.rand(2, 3, 4, 4)
    there = here.to(gpu)
    assert (there.device, there.is_cuda, here.is_cuda) == (GPU, True, False)
    assert isinstance(there * 2 + 1, OnGpu)
    assert torch.equal((there * 2 + 1).cpu(), here * 2 + 1)
    assert torch.arange(3, device=gpu).device == there.new_tensor([1.0]).device == torch.zeros_like(there).device == GPU
    assert here.to(there).device == GPU
    assert there.to("cpu").device.type == "cpu"
    assert there.tolist() == here.tolist()


def test_tensors_of_both_devices_do_not_go_together(gpu):
    there, here = torch.rand(3).to(gpu), torch.rand(3)
    for work in (
        lambda: there + here,
        lambda: torch.cat([there, here]),
        lambda: torch.where(here > 0.5, there, there),
        lambda: torch.equal(there, here),
        lambda: here[torch.tensor([0]).to(gpu)],
    ):
        with pytest.raises(RuntimeError, match="same device"):
            work()
    with pytest.raises(TypeError, match="numpy"):
        there.numpy()
    with pytest.raises(RuntimeError, match="generator"):
        torch.rand(3, device=gpu, generator=torch.Generator())


def test_what_a_real_one_lets_through_is_let_through(gpu):
    there, here = torch.rand(3).to(gpu), torch.rand(3)
    assert torch.equal((there * here[0]).cpu(), there.cpu() * here[0])  # no dimensions
    assert torch.equal(there[torch.tensor([2, 0])].cpu(), there.cpu()[[2, 0]])  # indices
    there[torch.tensor([2, 0])] = torch.tensor([5.0, 6.0]).to(gpu)
    assert there.tolist()[::2] == [6.0, 5.0]
    there.copy_(here)
    assert there.tolist() == here.tolist()


def test_a_network_computes_there_what_it_computes_here(gpu):
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)).eval()
    pixels = torch.rand(2, 3, 8, 8)
    found = []
    for device in ("cpu", gpu):
        network.to(device)
        leaf = pixels.to(device).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(network(leaf).square().sum(), leaf)
        found.append(gradient)
    assert next(network.parameters()).device == GPU
    assert isinstance(found[1], OnGpu)
    assert torch.equal(found[0], found[1].cpu())


def test_spectra_are_those_of_the_cpu(gpu):
    one, two = torch.rand(2, 5, 6)
    here, there = (
        torch.fft.irfft2(torch.fft.rfft2(a) * torch.fft.rfft2(b).conj(), s=[5, 6])
        for a, b in ((one, two), (one.to(gpu), two.to(gpu)))
    )
    assert torch.equal(here, there.cpu())


def test_gradients_find_their_way_from_one_device_to_the_other(gpu):
    leaf = torch.rand(3, requires_grad=True)
    (gradient,) = torch.autograd.grad((leaf.to(gpu) * 3).cpu().sum(), leaf)
    assert gradient.tolist() == [3, 3, 3]


def test_threads_that_begin_meanwhile_see_it_too(gpu):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(torch.rand(2).to(gpu).device))
    thread.start()
    thread.join()
    assert seen == [GPU]


def test_nothing_of_it_is_left_afterwards(monkeypatch):
    answers = torch.cuda.is_available(), torch.inference_mode, threading.Thread.run
    with monkeypatch.context() as within, pretended_gpu(within):
        assert torch.cuda.is_available()
    assert (torch.cuda.is_available(), torch.inference_mode, threading.Thread.run) == answers
    assert not torch.__future__.get_overwrite_module_params_on_conversion()
