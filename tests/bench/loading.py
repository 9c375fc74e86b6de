"""How long each ready model takes to load, what it holds in memory afterwards, and one forward pass; each in a process
of its own.

python -m tests.bench.loading [KEY ...]
"""

import subprocess
import sys

from robust_core.models import weights
from robust_core.models.catalogue import list_models

MEASURE = """
import sys, time, psutil, torch, torchvision.models
from robust_core.models import loading
torch.set_num_threads(1)
resident = psutil.Process().memory_info
before, started = resident().rss, time.perf_counter()
model = loading.load(sys.argv[1])
loaded, seconds = resident().rss, time.perf_counter() - started
crop = model.spec.preprocess.crop
pixels = torch.rand(1, 3, crop, crop)
with torch.inference_mode():
    model.logits(pixels)
    started = time.perf_counter()
    for _ in range(10):
        model.logits(pixels)
forward = (time.perf_counter() - started) / 10
print(f"| {sys.argv[1]} | {model.spec.memory_bytes / 1e6:.1f} | {seconds:.2f} | {(loaded - before) / 1e6:.0f} | {1000 * forward:.1f} |")
"""


def main() -> None:
    keys = sys.argv[1:] or [spec.key for spec in list_models() if weights.present(spec)]
    print("| model | parameters, MB | load, s | memory gained, MB | forward, ms |\n|---|--:|--:|--:|--:|", flush=True)
    for key in keys:
        subprocess.run([sys.executable, "-c", MEASURE, key], check=True)


if __name__ == "__main__":
    main()
