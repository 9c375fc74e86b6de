"""How long the live corruptions take, beside the package imagecorruptions in the same run on the same core.

    python -m tests.bench.corruptions            the table, in Markdown, on standard output
    python -m tests.bench.corruptions --rounds 9 --skip-oracle

Both sides get one 224 x 224 image-like image in memory and give back 8-bit values; the draws are part of the
time. All libraries are held to one thread. The two follow each other cell by cell, so that a busy machine slows both;
what is shown is the fastest of `--rounds`, as timeit advises, in processor time, or in wall time on a GPU.
"""

import argparse
import platform
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch

from robust_core.corruptions import BENCHMARK_15, CORRUPTIONS, IMAGENET_C_19
from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.frost_photos import frost_source
from robust_core.corruptions.sequences import PERTURBATIONS, frames

SEVERITIES = range(1, 6)
BATCH = 64


def scene(height: int = 224, width: int = 224) -> np.ndarray:
    """An image (height, width, 3) uint8 with the falling spectrum of images."""
    rng = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    field = np.fft.irfft2(
        np.fft.rfft2(rng.standard_normal((3, height, width))) / np.maximum(frequency, 1 / height), s=(height, width)
    )
    return ((field / field.std() * 0.22 + 0.45).clip(0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)


def as_pixels(image: np.ndarray) -> torch.Tensor:
    """(H, W, 3) uint8 as (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(image).permute(2, 0, 1)[None].float().contiguous() / 255


def milliseconds(work: Callable[[], object], device: torch.device) -> float:
    """The time of one call: of the processor on a CPU, where others may be at work too; on the wall for a GPU."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return (clock() - start) * 1000


def fastest(work: Callable[[], object], rounds: int, device: torch.device) -> float:
    """The fewest milliseconds in `rounds` calls, after one call that is not measured."""
    work()
    return min(milliseconds(work, device) for _ in range(rounds))


def grid_table(rounds: int, device: torch.device, with_oracle: bool) -> None:
    """Each corruption and severity alone, and the sums over the 15 x 5 grid."""
    if with_oracle:
        import cv2
        import imagecorruptions

        cv2.setNumThreads(1)
    image = scene()
    pixels = as_pixels(image).to(device)
    total_ours = total_theirs = slowest = 0.0
    print("| ms per image, severities 1 to 5 | ours | imagecorruptions |\n|---|---|---|")
    for name in CORRUPTIONS:
        ours = [fastest(lambda n=name, s=severity: corrupt(pixels, n, s, 0), rounds, device) for severity in SEVERITIES]
        oracle = [
            fastest(
                lambda n=name, s=severity: imagecorruptions.corrupt(image, corruption_name=n, severity=s),
                rounds,
                device,
            )
            for severity in SEVERITIES
            if with_oracle and name in IMAGENET_C_19
        ]
        slowest = max(slowest, *ours)
        print(f"| {name} | {' '.join(f'{one:.1f}' for one in ours)} | {' '.join(f'{one:.1f}' for one in oracle)} |")
        if name in BENCHMARK_15:
            total_ours += sum(ours)
            total_theirs += sum(oracle)
    print(f"| **15 x 5 grid** | **{total_ours:.0f}** | {f'**{total_theirs:.0f}**' if with_oracle else ''} |\n")
    print(
        f"Slowest of all x 5: {slowest:.1f} ms."
        + (f" Grid: {total_theirs / total_ours:.1f} times as fast." if with_oracle else "")
    )


def batch_table(rounds: int, device: torch.device) -> None:
    """Images per second in batches, severity 3."""
    pixels = as_pixels(scene()).to(device).expand(BATCH, -1, -1, -1)
    print(f"\n| batches of {BATCH}, severity 3 | images/s |\n|---|---|")
    for name in CORRUPTIONS:
        taken = fastest(lambda n=name: corrupt(pixels, n, 3, 0), rounds, device)
        print(f"| {name} | {BATCH / taken * 1000:.0f} |")


def sequence_table(rounds: int, device: torch.device) -> None:
    """Whole ImageNet-P sequences of one 256 x 320 image, cropped to 224 px."""
    pixels = as_pixels(scene(256, 320))[0].to(device)
    print("\n| sequence | frames | ms |\n|---|---|---|")
    for name, row in PERTURBATIONS.items():
        taken = fastest(lambda n=name: frames(pixels, n, 0, crop_px=224), rounds, device)
        print(f"| {name} | {row.frames} | {taken:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=7, help="measurements of each cell, of which the fastest is shown (default: 7)"
    )
    parser.add_argument("--device", type=torch.device, default=torch.device("cpu"), help="cpu (default) or cuda")
    parser.add_argument("--skip-oracle", action="store_true", help="do not time imagecorruptions")
    parser.add_argument("--skip-batches", action="store_true", help="no batches and no sequences")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # as in a process that has run a network: glibc now keeps freed memory instead of returning it
    torch.ones(7_900_000)
    with_oracle = not arguments.skip_oracle and find_spec("imagecorruptions") is not None
    packages = ["torch", "numpy", "pillow", "scipy"] + ["imagecorruptions-imaug", "opencv-python"] * with_oracle
    print(
        f"{date.today()}; Python {platform.python_version()}; "
        + ", ".join(f"{name} {version(name)}" for name in packages)
    )
    print(
        f"device {arguments.device}, one thread, fastest of {arguments.rounds}, processor time on a CPU; frost: "
        f"{frost_source().title}\n"
    )
    grid_table(arguments.rounds, arguments.device, with_oracle)
    if not arguments.skip_batches:
        batch_table(max(arguments.rounds // 2, 1), arguments.device)
        sequence_table(arguments.rounds, arguments.device)


if __name__ == "__main__":
    main()
