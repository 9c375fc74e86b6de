"""A wrapped network: the closed form where there is one, the table's own numbers for a table's network, and nothing
left behind.
"""

import copy
import gc

import numpy as np
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core.errors import BadInput, NotFinite, UnknownName
from robust_core.labels import CATEGORIES, IMAGENET, MINI
from robust_core.models import in_use, list_models
from robust_core.models.catalogue import get_spec
from robust_core.models.wrapped import digest

SIDE_PX = 32
LEVELS = np.random.default_rng(0).integers(20, 236, (4, SIDE_PX, SIDE_PX, 3), dtype=np.uint8)


def linear(seed: int = 0) -> nn.Module:
    """Two logits that are linear in 32 px images."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE_PX**2, 2))


def convolutional(classes: int = 5, last: nn.Module | None = None) -> nn.Module:
    torch.manual_seed(0)
    body = [
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3),
        nn.ReLU(),
    ]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes), *([last] if last else []))


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_attack_on_a_linear_network_is_the_closed_form(norm):
    net = linear()
    model = rc.wrap(net, preprocess=None, name="linear")
    images = rc.load_images(LEVELS, labels=[0, 1, 0, 1])
    eps = 8 / 255 if norm == "linf" else 0.5
    result = rc.pgd(model, images, eps, norm=norm, steps=4, keep=True, scoring="last_iterate", progress=False)
    clean = torch.from_numpy(LEVELS).permute(0, 3, 1, 2).float() / 255
    uphill = (net[1].weight[1] - net[1].weight[0]).detach().view(1, 3, SIDE_PX, SIDE_PX)  # away from class 0
    way = torch.tensor([1.0, -1.0, 1.0, -1.0]).view(-1, 1, 1, 1) * (
        uphill.sign() if norm == "linf" else uphill / uphill.norm()
    )
    expected = clean + eps * way
    assert torch.allclose(result.adversarial["linear", eps], expected, atol=1e-5)
    wrong = (net(expected).argmax(1) != torch.tensor([0, 1, 0, 1])).sum()
    assert result.frame["accuracy_percent"].iloc[-1] == 100 * (4 - int(wrong)) / 4
    assert model(clean).allclose(net(clean), atol=1e-6)


@pytest.fixture(scope="module")
def twins():
    """A network of the table, and the same one wrapped as anybody's."""
    loaded = rc.load("efficientnet_lite0", device="cpu")
    return loaded, rc.wrap(
        copy.deepcopy(loaded.network.body), preprocess=loaded.spec.preprocess, name="mine", device="cpu"
    )


@pytest.mark.parametrize(
    "study",
    [
        lambda model, photos: rc.pgd(model, photos, "1/255", steps=2, progress=False),
        lambda model, photos: rc.corruption_grid(model, photos, ["fog", "shot_noise"], 3, progress=False),
        lambda model, photos: rc.attribute(model, photos[:1], ["saliency", "deeplift", "grad_cam"], progress=False),
        lambda model, photos: rc.run_benchmark(model, "imagenet", "foolbox", limit=4, progress=False),
    ],
    ids=["pgd", "corruption_grid", "attribute", "run_benchmark"],
)
def test_a_wrapped_network_of_the_table_gives_the_table_s_numbers_bit_for_bit(study, twins, tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    photos = rc.load_images("foolbox", 4)
    own, wrapped = (study(model, photos) for model in twins)
    apart = ["model", "weights_sha256", "seconds", "source"]
    assert own.frame.drop(columns=apart, errors="ignore").equals(wrapped.frame.drop(columns=apart, errors="ignore"))
    assert set(wrapped.frame["model"]) == {"mine"}
    for key, values in getattr(own, "maps", {}).items():
        assert np.array_equal(values, wrapped.maps[key])


def test_the_logits_of_a_wrapped_network_of_the_table_are_the_table_s(twins):
    pixels = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    own, wrapped = (model(pixels) for model in twins)
    assert torch.equal(own, wrapped)


def test_a_wrapped_network_of_mini_votes_as_the_family_does():
    own = rc.load("mini_resnext", device="cpu")
    wrapped = rc.wrap(
        own.network.body, preprocess=own.spec.preprocess, classes=list(CATEGORIES), name="mine", device="cpu"
    )
    assert wrapped.spec.label_space == MINI
    one, other = (
        rc.shape_bias(model, "mini", 16, progress=False).frame.drop(columns=["model", "weights_sha256"])
        for model in (own, wrapped)
    )
    assert one.equals(other)


# Nothing is left behind.


def test_the_caller_s_network_is_not_changed():
    net = convolutional().train()
    net(torch.rand(2, 3, SIDE_PX, SIDE_PX)).sum().backward()
    net[0].register_forward_hook(lambda *_: None)
    parameters = {
        name: (one.detach().clone(), one.requires_grad, one.grad.clone()) for name, one in net.named_parameters()
    }
    buffers = {name: one.clone() for name, one in net.named_buffers()}
    hooks = [
        (len(module._forward_hooks), len(module._backward_hooks), len(module._forward_pre_hooks))
        for module in net.modules()
    ]
    model = rc.wrap(net, preprocess=None, name="mine")
    images = rc.load_images(LEVELS, labels=None)
    rc.pgd(model, images, "2/255", steps=1, progress=False)
    rc.attribute(model, LEVELS[0], "all", progress=False)
    assert all(module.training for module in net.modules())
    assert net[2].inplace
    assert [
        (len(module._forward_hooks), len(module._backward_hooks), len(module._forward_pre_hooks))
        for module in net.modules()
    ] == hooks
    for name, one in net.named_parameters():
        values, needed, grad = parameters[name]
        assert torch.equal(one, values)
        assert one.requires_grad == needed
        assert torch.equal(one.grad, grad)
    assert all(torch.equal(one, buffers[name]) for name, one in net.named_buffers())


def test_what_the_network_learns_later_is_not_seen():
    net = linear()
    model = rc.wrap(net, preprocess=None)
    pixels = torch.rand(1, 3, SIDE_PX, SIDE_PX)
    before = model(pixels).clone()
    with torch.no_grad():
        net[1].weight.zero_()
    assert torch.equal(model(pixels), before)
    assert rc.wrap(net, preprocess=None).spec.weights.sha256 != model.spec.weights.sha256


def test_a_wrapped_network_is_in_no_list_and_leaves_when_nobody_holds_it():
    model = rc.wrap(linear(), preprocess=None, name="gone soon")
    rc.pgd(model, rc.load_images(LEVELS, labels=None), "1/255", steps=1, progress=False)
    key = model.spec.key
    assert get_spec(key) is model.spec
    assert key not in {spec.key for spec in list_models()}
    del model
    gc.collect()
    assert in_use.held(key) is None
    with pytest.raises(UnknownName):
        get_spec(key)


def test_networks_that_differ_have_different_keys_and_equal_ones_the_same():
    same = [rc.wrap(linear(), preprocess=None, name="mine") for _ in range(2)]
    assert same[0].spec.key == same[1].spec.key
    assert rc.wrap(linear(1), preprocess=None, name="mine").spec.key != same[0].spec.key
    assert rc.wrap(linear(), preprocess=None, name="mine", classes=["cat", "dog"]).spec.key != same[0].spec.key


def test_the_one_that_is_handed_over_is_the_one_that_predicts():
    """Two networks of one name, weights and class, whose forward passes differ, as after an edit in a notebook."""

    class Net(nn.Module):
        def __init__(self, sign):
            super().__init__()
            self.sign, self.body = sign, linear()

        def forward(self, pixels):
            return self.sign * self.body(pixels)

    one, other = (rc.wrap(Net(sign), preprocess=None, name="mine") for sign in (1, -1))
    images = rc.load_images(LEVELS, labels=(one(torch.from_numpy(LEVELS).permute(0, 3, 1, 2).float() / 255)).argmax(1))
    accuracies = [
        rc.pgd(model, images, 0, steps=1, progress=False).frame["accuracy_percent"].iloc[0]
        for model in (one, other, one)
    ]
    assert accuracies == [100, 0, 100]


# What is found out by looking.


@pytest.mark.parametrize(
    ("count", "classes", "first"),
    [(1000, None, "tench"), (5, None, "class 0"), (2, ["cat", "dog"], "cat"), (2, ["n01440764", "x"], "tench")],
)
def test_classes(count, classes, first):
    space = rc.wrap(convolutional(count), preprocess=None, classes=classes).spec.label_space
    assert (space == IMAGENET) == (count == 1000)
    assert space.names[0] == first
    assert len(space.names) == count


def test_modules_and_not_names_say_which_methods_hold():
    image = LEVELS[0]
    plain = rc.wrap(convolutional(), preprocess=None, name="plain")
    assert plain.spec.cam_layer == "5"
    assert len(rc.attribute(plain, image, "all", progress=False).frame) == 13
    assert rc.attribute(
        rc.wrap(convolutional(), preprocess=None, cam_layer="0"), image, "GradCAM", progress=False
    ).maps["grad_cam"].shape == (SIDE_PX, SIDE_PX)
    curved = rc.wrap(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)),
        preprocess=None,
        name="curved",
    )
    with pytest.raises(BadInput, match=r"Guided Backprop does not hold on curved\. .*It has SiLU\."):
        rc.attribute(curved, image, "guided_backprop")
    flat = rc.wrap(linear(), preprocess=None, name="flat")
    with pytest.raises(BadInput, match="no layer of this network has any"):
        rc.attribute(flat, image, "grad_cam")


class Reshaping(nn.Module):
    """Calls functions outside modules, and reshapes in a way that only one memory layout allows."""

    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 6, 5), nn.Linear(6 * 14 * 14, 10)

    def forward(self, pixels):
        x = nn.functional.max_pool2d(torch.relu(self.conv(pixels)), 2)
        return self.last(x.view(x.shape[0], -1))


class Branching(nn.Module):
    """Looks at values, so that it cannot be traced."""

    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 6, 5), nn.Linear(6, 10)

    def forward(self, pixels):
        x = self.conv(pixels)
        return self.last(x.mean((2, 3)) if x.sum() > -1e9 else x.amax((2, 3)))


@pytest.mark.parametrize(("net", "reason"), [(Reshaping(), "calls max_pool2d"), (Branching(), "cannot be traced")])
def test_odd_networks_are_wrapped_and_the_true_reason_is_given(net, reason):
    model = rc.wrap(net, preprocess=None, name="odd")
    pixels = torch.rand(2, 3, SIDE_PX, SIDE_PX)
    assert torch.allclose(model(pixels), net.eval()(pixels), atol=1e-6)
    assert model.spec.cam_layer == "conv"
    with pytest.raises(BadInput, match=reason):
        rc.attribute(model, LEVELS[0], "deeplift")
    assert rc.pgd(model, rc.load_images(LEVELS, labels=None), "4/255", steps=2, progress=False).frame["n"].iloc[0] == 4


def test_images_of_any_size_go_to_a_network_that_takes_them():
    model = rc.wrap(convolutional(), preprocess=None)
    for shape in ((1, 40, 56, 3), (2, 17, 17, 3)):
        images = rc.load_images(np.zeros(shape, dtype=np.uint8), labels=None)
        assert rc.pgd(model, images, "1/255", steps=1, keep=True, progress=False).adversarial.popitem()[1].shape == (
            shape[0],
            3,
            *shape[1:3],
        )
    with pytest.raises(BadInput, match="of one size; got 40 × 40 and 50 × 50 px"):
        rc.pgd(
            model,
            rc.load_images([np.zeros((side, side, 3), dtype=np.uint8) for side in (40, 50)], labels=None),
            "1/255",
            progress=False,
        )


def test_the_digest_tells_values_and_names():
    one, other = linear(), linear()
    assert digest(one) == digest(other)
    with torch.no_grad():
        other[1].bias[0] += 1e-6
    assert digest(one) != digest(other)


# What is refused.


def broken(**values) -> nn.Module:
    net = linear()
    with torch.no_grad():
        net[1].bias.fill_(values["bias"])
    return net


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: rc.wrap("resnet50"), BadInput, "Expected a torch.nn.Module; got str"),
        (
            lambda: rc.wrap(convolutional(last=nn.Softmax(1)), preprocess=None),
            BadInput,
            "gives probabilities; expected logits",
        ),
        (lambda: rc.wrap(nn.Conv2d(3, 4, 3), preprocess=None), BadInput, "for two images; expected logits"),
        (lambda: rc.wrap(convolutional(1), preprocess=None), BadInput, "at least 2 classes"),
        (lambda: rc.wrap(linear()), BadInput, "cannot predict an RGB image of 224 px"),
        (lambda: rc.wrap(nn.Linear(7, 2), preprocess=None), BadInput, "none of the usual sizes"),
        (
            lambda: rc.wrap(linear(), preprocess="cifar"),
            UnknownName,
            "no preprocessing called 'cifar'; expected one of imagenet",
        ),
        (lambda: rc.wrap(linear(), preprocess=3), BadInput, "preprocess must be"),
        (lambda: rc.wrap(linear(), preprocess=None, classes=["cat"]), BadInput, "has 2 logits; got 1 classes"),
        (lambda: rc.wrap(linear(), preprocess=None, classes=[0, 1]), BadInput, "names or WordNet ids"),
        (lambda: rc.wrap(linear(), preprocess=None, name=""), BadInput, "A name is 1 to 80"),
        (lambda: rc.wrap(convolutional(), preprocess=None, cam_layer="layer4"), UnknownName, "no layer"),
        (lambda: rc.wrap(convolutional(), preprocess=None, cam_layer="7"), BadInput, "expected channels over places"),
        (lambda: rc.wrap(linear(), preprocess=None, device="abacus"), BadInput, "no device called 'abacus'"),
        (lambda: rc.wrap(linear(), preprocess=None, device="cuda:99"), BadInput, "has no device 'cuda:99'"),
        (
            lambda: rc.wrap(broken(bias=float("nan")), preprocess=None),
            NotFinite,
            "NaN or infinite values, first in 1.bias",
        ),
        (lambda: rc.wrap(torch.jit.script(linear()), preprocess=None), BadInput, "TorchScript"),
        (lambda: rc.load("resnet51"), UnknownName, "the nearest are resnet5"),
        (lambda: rc.load(linear()), BadInput, "Expected the key of a model"),
    ],
)
def test_what_cannot_be_wrapped_or_loaded_is_refused_with_a_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_models_are_found_as_people_write_them():
    assert (
        rc.load("EfficientNet-Lite0", device="cpu").name
        == rc.load("efficientnet_lite0", device="cpu").name
        == "efficientnet_lite0"
    )
