"""The card, its driver and its matrix peak; and where PyTorch may round to TF32."""

import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

PRECISIONS = ("float32", "TF32", "bfloat16")


@dataclass(frozen=True)
class Peak:
    """What one card can do at most, dense, in TFLOP/s: float32 without, TF32 and bfloat16 with its matrix units."""

    float32: float
    tf32: float
    bfloat16: float
    source: str

    def of(self, precision: str) -> float:
        """The peak in one of PRECISIONS."""
        return {"float32": self.float32, "TF32": self.tf32, "bfloat16": self.bfloat16}[precision]


_H100 = "NVIDIA H100 Tensor Core GPU Architecture (white paper), table 2"
_H100_NVL = "NVIDIA H100 datasheet, column H100 NVL; with sparsity there, half of it here"
_H200 = "NVIDIA H200 datasheet; with sparsity there, half of it here"
_A100 = "NVIDIA A100 Tensor Core GPU datasheet"
# By the name that the driver gives; makers print twice these numbers where they count 2:4 sparsity.
PEAKS = {
    "NVIDIA H100 80GB HBM3": Peak(66.9, 494.7, 989.4, _H100),
    "NVIDIA H100 PCIe": Peak(51.2, 378.0, 756.0, _H100),
    "NVIDIA H100 NVL": Peak(60.0, 417.5, 835.5, _H100_NVL),
    "NVIDIA H200": Peak(67.0, 494.5, 989.5, _H200),
    "NVIDIA A100-SXM4-40GB": Peak(19.5, 156.0, 312.0, _A100),
    "NVIDIA A100-SXM4-80GB": Peak(19.5, 156.0, 312.0, _A100),
    "NVIDIA A100-PCIE-40GB": Peak(19.5, 156.0, 312.0, _A100),
    "NVIDIA A100 80GB PCIe": Peak(19.5, 156.0, 312.0, _A100),
}
UNKNOWN_CARD = "unknown card"


def require(kind: str) -> str:
    """Why nothing can run on a device of this kind; "" where it can."""
    if kind == "cuda" and not torch.cuda.is_available():
        return f"PyTorch {torch.__version__} sees no CUDA device here; --device cpu --small tries the script itself."
    return ""


def card(device: torch.device) -> str:
    """The card's name as its driver gives it, or the processor's architecture with the number of threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"


def driver() -> str:
    """The version of NVIDIA's driver, as its own tool tells it; "unknown" without the tool."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "unknown"
    command = [tool, "--query-gpu=driver_version", "--format=csv,noheader"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return (said.stdout.split() or ["unknown"])[0]


def peak(device: torch.device) -> Peak | None:
    """The peak of the card, None for one that is not in the table."""
    return PEAKS.get(card(device)) if device.type == "cuda" else None


def of_peak(device: torch.device, precision: str, flop_per_second: float) -> str:
    """A rate as a fraction of the card's peak, in words."""
    found = peak(device)
    if found is None:
        return UNKNOWN_CARD if device.type == "cuda" else "no card"
    most = found.of(precision)
    return f"{100 * flop_per_second / most / 1e12:.0f}% of {most:g} TFLOP/s"


def index_of(device: torch.device) -> int:
    """The number of a CUDA device, which some functions of PyTorch insist on."""
    return torch.cuda.current_device() if device.index is None else device.index


@contextmanager
def rounding(*, convolutions: bool, products: bool) -> Iterator[None]:
    """Whether PyTorch may round convolutions and matrix products to TF32 within the block; then it is as before."""
    switches = {_switch("cudnn"): convolutions, _switch("matmul"): products}
    before = {switch: getattr(*switch) for switch in switches}
    for (backend, attribute), rounds in switches.items():
        setattr(backend, attribute, rounds if attribute == "allow_tf32" else "tf32" if rounds else "ieee")
    try:
        yield
    finally:
        for switch, value in before.items():
            setattr(*switch, value)


def exactly() -> Any:
    """A block without TF32."""
    return rounding(convolutions=False, products=False)


def _switch(name: str) -> tuple[Any, str]:
    """Where the switch is: in PyTorch before 2.9 under an older name, and the two must not be mixed."""
    conv = getattr(torch.backends.cudnn, "conv", None)
    backend = {"cudnn": conv or torch.backends.cudnn, "matmul": torch.backends.cuda.matmul}[name]
    return (backend, "fp32_precision") if conv is not None else (backend, "allow_tf32")
