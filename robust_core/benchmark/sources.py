"""The publications behind cache/published, each with its licence, and the page that names them beside every file."""

import re
from collections import Counter
from dataclasses import dataclass

from robust_core.errors import UnknownName
from robust_core.results import Result, published, published_tables
from robust_core.settings import SHIPPED_CACHE

FOLDER = SHIPPED_CACHE / "published"
PAGE = FOLDER / "SOURCES.md"
NONE_STATED = "no licence file; numbers quoted as facts"
SHARE_ALIKE = "CC BY-SA 4.0"

INTRODUCTION = """# Where the published numbers are from

Every row names its source in full; this page names the publication and the licence of each. Numbers are kept as they were published,
but for fractions, which are rewritten as per cent; a row whose source says "recomputed" was computed from the numbers named there.
`n` is the number of pictures behind a number, 0 where nobody states it. Rows of different protocols do not compare.

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
)


def sources_of(row: Result) -> tuple[Source, ...]:
    """The publications that the source of `row` names, in the order of the table.

    Raises UnknownName when it names none, or a commit of a repository that is not in the table.
    """
    found = tuple(source for source in SOURCES if source.mark in row.source)
    strangers = set(re.findall(r"[\w.-]+/[\w.-]+@[0-9a-f]+", row.source)) - {source.mark for source in found}
    if strangers or not found:
        raise UnknownName(
            "source of published results", min(strangers, default=row.source), [source.mark for source in SOURCES]
        )
    return found


def page() -> str:
    """SOURCES.md: for each file its benchmarks, and every source with the number of its rows and its licence."""
    return "\n".join([INTRODUCTION, *map(_entry, published_tables())])


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
    if any(source.licence == SHARE_ALIKE for source in counts):
        lines += ["", f"This file is under {SHARE_ALIKE} itself, as its source demands."]
    return "\n".join([*lines, ""])


def _link(source: Source) -> str:
    return f"[{source.mark}]({source.address})" if source.address else source.mark
