"""The publications behind cache/published, each with its licence, and the page that names them beside every file."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from robust_core.benchmark.training import published_training
from robust_core.errors import UnknownName
from robust_core.results import Result, published, published_tables
from robust_core.settings import SHIPPED_CACHE

FOLDER = SHIPPED_CACHE / "published"
PAGE = FOLDER / "SOURCES.md"
NONE_STATED = "no licence file; numbers quoted as facts"
SHARE_ALIKE = "CC BY-SA 4.0"
NON_COMMERCIAL = "CC BY-NC 4.0"
FORK = "MIT (code, a fork of model-vs-human); raw data: no licence stated"

INTRODUCTION = """# Where the published numbers are from

Every row names its source in full; this page names the publication and the licence of each. Numbers are kept as they were published,
but for fractions, which are rewritten as per cent; a row whose source says "recomputed" was computed from the numbers named there.
`n` is the number of images behind a number, 0 where nobody states it. Rows of different protocols do not compare.
The largest files are packed (`.csv.gz`); pandas and `rc.published` read them as they are.

This page is written by `python -m robust_core benchmark sources`.
"""


@dataclass(frozen=True)
class Source:
    """One publication: `mark` stands in the source of every row taken from it."""

    mark: str
    work: str
    licence: str

    @property
    def address(self) -> str | None:
        """The repository at that commit; None for what is no repository."""
        repository, _, commit = self.mark.partition("@")
        return f"https://github.com/{repository}/tree/{commit}" if commit else None


SOURCES = (
    Source("eminorhan/resnext-wsl@6200c936", "Orhan 2019, arXiv 1907.07640", NONE_STATED),
    Source("eminorhan/resnext-wsl@5d3564c3", "Orhan 2019, arXiv 1907.07640, before its correction", NONE_STATED),
    Source("eminorhan/ood-benchmarks@210e27db", "Orhan 2020, the same author's later repository", NONE_STATED),
    Source("hendrycks/robustness@76d93933", "Hendrycks & Dietterich, ICLR 2019, arXiv 1903.12261", "Apache-2.0"),
    Source("hendrycks/robustness@de7653a", "Hendrycks & Dietterich, ICLR 2019, draft of September 2018", "Apache-2.0"),
    Source(
        "hendrycks/robustness@8190fe32",
        "Hendrycks & Dietterich, ICLR 2019, leaderboards of the repository",
        "Apache-2.0",
    ),
    Source("huggingface/pytorch-image-models@aa4b5850", "Wightman, timm", "Apache-2.0"),
    Source("huggingface/pytorch-image-models@0c874195", "Wightman, timm, as of 2019", "Apache-2.0"),
    Source("modestyachts/imagenet-testbed@0170eec6", "Taori et al., NeurIPS 2020, arXiv 2007.00644", "MIT"),
    Source(
        "paulgavrikov/biases_vs_generalization@9168ac87", "Gavrikov & Keuper, CVPR 2024, arXiv 2404.01509", SHARE_ALIKE
    ),
    Source("paulgavrikov/vlm_shapebias@459198f8", "Gavrikov et al., ICLR 2025, arXiv 2403.09193", SHARE_ALIKE),
    Source("rgeirhos/texture-vs-shape@ccd0c01d", "Geirhos et al., ICLR 2019, arXiv 1811.12231", NONE_STATED),
    Source(
        "bethgelab/model-vs-human@93ee6766",
        "Geirhos et al. 2021, Partial success in closing the gap",
        "MIT (code); data: licenses/LICENSES_OVERVIEW.md",
    ),
    Source(
        "RobustBench/robustbench@78fcc9e4",
        "Croce et al., NeurIPS Datasets and Benchmarks 2021, arXiv 2010.09670",
        "MIT (code)",
    ),
    Source("thu-ml/ares@306e35fe", "Liu et al. 2023, arXiv 2302.14301", "Apache-2.0"),
    Source(
        "facebookresearch/WSL-Images@c4dac640",
        "Mahajan et al., ECCV 2018, arXiv 1805.00932",
        "CC BY-NC 4.0 (the models)",
    ),
    Source("torchvision 0.29.2", "torchvision, accuracy stored with its weights", "BSD-3-Clause"),
    Source("eth-sri/automated-error-analysis@d32916d2", "Peychev et al., NeurIPS 2023", "Apache-2.0"),
    Source("facebookresearch/imagenetx@6403d41a", "Idrissi et al., ICLR 2023, arXiv 2211.01866", NON_COMMERCIAL),
    Source("mlfoundations/open_clip@89fb801f", "Ilharco et al., OpenCLIP", "MIT"),
    Source("google-research/big_vision@0127fb6b", "Tschannen et al. 2025, SigLIP 2", "Apache-2.0"),
    Source("Jingkang50/OpenOOD@f969dfa3", "Zhang et al. 2023, OpenOOD v1.5, arXiv 2306.09301", "MIT"),
    Source("attackbench/AttackBench@cb475a24", "Cinà et al. 2024, AttackBench, arXiv 2404.19460", NONE_STATED),
    Source("Trustworthy-AI-Group/TransferAttack@2663e4ab", "TransferAttack", "MIT"),
    Source("locuslab/smoothing@78a4d949", "Cohen et al., ICML 2019, arXiv 1902.02918", NONE_STATED),
    Source("Hadisalman/smoothing-adversarial@cff781d5", "Salman et al., NeurIPS 2019, arXiv 1906.04584", "MIT"),
    Source("microsoft/robust-models-transfer@cea2c37f", "Salman et al., NeurIPS 2020, arXiv 2007.08489", "MIT"),
    Source("alibaba/easyrobust@c8b6c085", "EasyRobust, with Mao et al., NeurIPS 2022, arXiv 2209.07735", "Apache-2.0"),
    Source("kirill-vish/Beyond-INet@44b4738b", "Vishniakov et al. 2023, arXiv 2311.09215", "MIT"),
    Source("kayburns/model-vs-human@78a3a471", "Burns, raw answers in a fork of model-vs-human", FORK),
    Source("harvard-visionlab/model-vs-human-dmc@1d076b68", "Harvard Vision Lab, raw answers in a fork", FORK),
    Source("facebookresearch/mae@efb2a806", "He et al., CVPR 2022, arXiv 2111.06377", NON_COMMERCIAL),
    Source("NVlabs/FAN@ee1b7df1", "Zhou et al., ICML 2022, arXiv 2204.12451", "NVIDIA Source Code License"),
    Source("baaivision/EVA@5623d08b", "Fang et al., EVA and EVA-02, arXiv 2211.07636 and 2303.11331", "MIT"),
    Source("amodas/PRIME-augmentations@0290f6be", "Modas et al., ECCV 2022, arXiv 2112.13547", "Apache-2.0"),
    Source("facebookresearch/dinov2@b8931f7b", "Oquab et al. 2023, arXiv 2304.07193", "Apache-2.0"),
    Source("xiaoyunxxy/MIMIR@b5bc4016", "Xu et al. 2023, arXiv 2312.04960", NONE_STATED),
    Source("nmndeep/revisiting-at@d7166c07", "Singh et al., NeurIPS 2023, arXiv 2303.01870", NONE_STATED),
    Source("taesiri/ZoomIsAllYouNeed@2eef9f6d", "Taesiri et al. 2023, ImageNet-Hard, arXiv 2304.05538", "MIT"),
    Source("bethgelab/model-vs-human@79ed7cd1", "model-vs-human, top lists of its README", "MIT"),
    Source("UCSC-VLAA/AdvXL@e8770bf4", "Wang et al., CVPR 2024, arXiv 2401.04727", "Apache-2.0"),
)
REAL_LABELS = Source(
    "google-research/reassessed-imagenet@bcd006fe", "Beyer et al. 2020, arXiv 2006.07159", "Apache-2.0"
)


TRAINING = {  # whose words for the training of published models are in cache/published/training
    "gavrikov2024": Source(
        "paulgavrikov/biases_vs_generalization@9168ac87", "Gavrikov & Keuper, CVPR 2024, arXiv 2404.01509", SHARE_ALIKE
    ),
    "testbed": Source("modestyachts/imagenet-testbed@b9067fc1", "Taori et al., NeurIPS 2020, arXiv 2007.00644", "MIT"),
}


def sources_of(row: Result) -> tuple[Source, ...]:
    """The publications that the source of `row` names, in the order of the table.

    Raises UnknownName when it names none, or a commit of a repository that is not in the table.
    """
    return _named_in(row.source)


@cache
def _named_in(words: str) -> tuple[Source, ...]:
    found = tuple(source for source in SOURCES if source.mark in words)
    strangers = set(re.findall(r"[\w.-]+/[\w.-]+@[0-9a-f]+", words)) - {source.mark for source in found}
    if strangers or not found:
        raise UnknownName(
            "source of published results", min(strangers, default=words), [source.mark for source in SOURCES]
        )
    return found


def licences_of(rows: Iterable[Result]) -> tuple[str, ...]:
    """The licences of the publications behind the published ones of `rows`, in the order of their first appearance."""
    published_rows = (row for row in rows if row.kind == "published")
    return tuple(dict.fromkeys(source.licence for row in published_rows for source in sources_of(row)))


def page() -> str:
    """SOURCES.md: for each file its benchmarks, and every source with the number of its rows and its licence; at the end
    who states how models were trained, and the ReaL labels.
    """
    return "\n".join([INTRODUCTION, *map(_entry, published_tables()), _training(), _real_labels()])


def _training() -> str:
    counts = Counter(row.source.split(":")[0] for row in published_training().values())
    lines = [
        f"| {name}.csv | {counts[source.mark]} | {source.work} | {_link(source)} | {source.licence} |"
        for name, source in TRAINING.items()
    ]
    return "\n".join(
        [
            "## training/",
            "",
            "How published models were trained, in the words of the publication (`stated`) and as a group.",
            "",
            "| File | Models | Publication | Source | Licence |",
            "|---|--:|---|---|---|",
            *lines,
            "",
        ]
    )


def _real_labels() -> str:
    return "\n".join(
        [
            "## ReaL labels",
            "",
            "`robust_core/data/real_labels.txt.gz`: the labels of the 50,000 validation images, a line for each in the",
            f"order of their numbers. {REAL_LABELS.work}; {_link(REAL_LABELS)}; {REAL_LABELS.licence}.",
            "",
        ]
    )


def _entry(table: str) -> str:
    rows = published(table)
    counts = Counter(source for row in rows for source in sources_of(row))
    benchmarks = sorted({row.benchmark for row in rows})
    lines = [
        f"## {table}.csv",
        "",
        f"{len(rows)} rows: {'; '.join(benchmarks)}.",
        "",
        "| Rows | Publication | Source | Licence |",
        "|--:|---|---|---|",
    ]
    lines += [
        f"| {count} | {source.work} | {_link(source)} | {source.licence} |" for source, count in counts.most_common()
    ]
    if any(source.licence == NON_COMMERCIAL for source in counts):
        lines += ["", f"What is under {NON_COMMERCIAL} is not for commercial use."]
    if any(source.licence == SHARE_ALIKE for source in counts):
        lines += ["", f"This file is under {SHARE_ALIKE} itself, as its source demands."]
    return "\n".join([*lines, ""])


def _link(source: Source) -> str:
    return f"[{source.mark}]({source.address})" if source.address else source.mark
