"""The weight files of the mini family: half-precision safetensors that say in their metadata how they came to be."""

import hashlib
import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from robust_core.mini.identity import WORLD
from robust_core.mini.recipes import Recipe, recipe_hash
from robust_core.models.registry_mini import MINI_64, MINI_REGISTRY, MINI_RESNEXT
from robust_core.settings import SHIPPED_CACHE

SHIPPED = SHIPPED_CACHE / "mini"
SHIPPED_SEED = 0  # fixed before any model was trained, never the best of several


def weight_file(folder: Path, key: str) -> Path:
    """Where the weights of a model lie in `folder`."""
    return folder / f"{key}.safetensors"


def new_network(key: str) -> nn.Module:
    """An untrained network: that of the model's row in the registry, or the family's where `key` has no row."""
    return next((row.architecture for row in MINI_REGISTRY if row.key == key), MINI_RESNEXT).build()


def normalised(pixels: Tensor) -> Tensor:
    """Pixels in [0, 1] as the networks see them."""
    mean, std = (torch.tensor(values, device=pixels.device).view(3, 1, 1) for values in (MINI_64.mean, MINI_64.std))
    return (pixels - mean) / std


def save(path: Path, network: nn.Module, recipe: Recipe, seed: int, precision: str, cpu_seconds: float) -> None:
    """Write the weights at once or not at all."""
    state = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).cpu().contiguous()
        for name, tensor in network.state_dict().items()
    }
    metadata = {
        "model": recipe.key,
        "seed": str(seed),
        "recipe": recipe_hash(recipe),
        "generator": WORLD,
        "precision": precision,
        "torch": torch.__version__.split("+")[0],
        "training_cpu_seconds": f"{cpu_seconds:.0f}",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(state, part, metadata)
    os.replace(part, path)


def metadata_of(path: Path) -> dict[str, str]:
    """What a weight file says about itself."""
    with safe_open(path, "pt") as file:
        return file.metadata()


def describe(path: Path) -> dict[str, str]:
    """What a weight file says about itself, and its SHA-256."""
    return metadata_of(path) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def is_finished(path: Path, recipe: Recipe, seed: int) -> bool:
    """Whether `path` is there and holds this recipe's weights, of this seed and of the world as it is now."""
    if not path.exists():
        return False
    expected = {"recipe": recipe_hash(recipe), "generator": WORLD, "seed": str(seed)}
    return expected.items() <= metadata_of(path).items()


def load(path: Path) -> nn.Module:
    """The network with the weights of a file: float32, in evaluation mode, parameters frozen."""
    network = new_network(metadata_of(path)["model"])
    network.load_state_dict(
        {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(path).items()}
    )
    return network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
