"""The six claims of Orhan 2019 as a table: what is said, which published rows say it, and where each can be seen live;
drawn by story.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from robust_core.cue_conflict.decisions import RULES
from robust_core.labels import IMAGENET, MINI
from robust_core.results import Result, published
from robust_core.ui import menu
from robust_core.ui.benchmarks.choice import PAPER
from robust_core.ui.shape_or_texture.published import BEST_CLASS, PEOPLE

BASELINE = PAPER[0]
MODELS = {  # that a live page opens with: baseline, WSL, adversarially trained
    IMAGENET: (BASELINE, "resnext101_32x8d_wsl", "salman_resnet50_linf_4"),
    MINI: ("mini_resnext", "mini_resnext_wsl", "mini_resnext_at8"),
}


@dataclass(frozen=True)
class Span:
    """What a sentence says of some rows, in their unit: the baseline's value, where it is among them, and the ends of
    all others.
    """

    baseline: float | None
    least: float
    most: float


@dataclass(frozen=True)
class Quote:
    """Rows of the published `table`: one `metric` on a `benchmark`, of `models`; only those at `settings` and whose
    protocol ends so, where named.
    """

    table: str
    benchmark: str
    metric: str
    models: tuple[str, ...] = PAPER
    settings: str = ""
    protocol_end: str = ""

    def rows(self) -> list[Result]:
        """The rows, in the order of `models`."""
        found = [one for one in published(self.table) if (one.benchmark, one.metric) == (self.benchmark, self.metric)]
        found = [one for one in found if one.model in self.models and one.protocol.endswith(self.protocol_end)]
        found = [one for one in found if self.settings in ("", one.condition)]
        return sorted(found, key=lambda one: self.models.index(one.model))

    def span(self) -> Span:
        """The values of the rows, for a sentence."""
        rows = self.rows()
        others = [one.value for one in rows if one.model != BASELINE]
        return Span(next((one.value for one in rows if one.model == BASELINE), None), min(others), max(others))


@dataclass(frozen=True)
class Claim:
    """A card. `words` take their numbers from the spans of `cited`, by place; `drawn` are bars, or curves `against` a
    setting, `marked` lie on the bars.

    `page` is the live page; it opens at the settings of its `links`, by label space. `numbers` are the settings of the
    Benchmarks page.
    """

    title: str
    words: str
    cited: tuple[Quote, ...]
    drawn: tuple[Quote, ...]
    page: menu.Entry
    links: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, str]
    marked: tuple[Quote, ...] = ()
    against: str = ""

    @property
    def sentence(self) -> str:
        """The claim with its numbers."""
        return self.words.format(*(quote.span() for quote in self.cited))

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """What the card has to name the origin of: what is drawn, then what is only said."""
        first = {}
        for quote in (*self.drawn, *self.marked, *self.cited):
            first.setdefault((quote.benchmark, quote.metric), quote)
        return tuple(first.values())


MCE = Quote("orhan2019_benchmarks", "ImageNet-C", "mce")
MFR = Quote("orhan2019_benchmarks", "ImageNet-P", "mfr")
ACCURACY = Quote("orhan2019_benchmarks", "ImageNet-A", "top1")
CALIBRATION = Quote("orhan2019_benchmarks", "ImageNet-A", "rms_calibration_error")
BY_EPS, BY_STEPS = "white-box PGD by eps", "white-box PGD by steps"
ATTACKED_BY_EPS = Quote("orhan2019_pgd", BY_EPS, "top1_under_attack")
ATTACKED_BY_STEPS = Quote("orhan2019_pgd", BY_STEPS, "top1_under_attack")
TEN_STEPS, FIFTY_STEPS = (replace(ATTACKED_BY_STEPS, settings=f"eps=0.06 steps={steps}") for steps in (10, 50))
ADVERSARIALLY_TRAINED = Quote(
    "ares2023", "ARES L∞", "top1_under_attack", ("ResNet101 AT (ARES)",), protocol_end="PGD, 100 steps"
)
SHAPE = Quote("shape_bias", BEST_CLASS, "shape_bias")
PEOPLE_SHAPE = Quote("shape_bias", "cue conflict, people", "shape_bias", (PEOPLE,))
COVERAGE, PEOPLE_COVERAGE = (replace(quote, metric="coverage") for quote in (SHAPE, PEOPLE_SHAPE))

CLAIMS = (
    Claim(
        "Corrupted images",
        "On noisy, blurred, foggy or compressed images (ImageNet-C), WSL networks err far less: an mCE of "
        "{0.least:.1f}–{0.most:.1f}% of AlexNet's. The same architecture trained on ImageNet alone: {0.baseline:.1f}%.",
        cited=(MCE,),
        drawn=(MCE,),
        page=menu.WHAT_IF,
        links={
            IMAGENET: {"corruption": "Fog", "severity": "4", "more": "Corruption grid"},
            MINI: {"source": "Synthetic images", "corruption": "Fog", "severity": "4", "more": "Corruption grid"},
        },
        numbers={"view": "Leaderboard", "benchmark": "ImageNet-C", "metric": "mCE"},
    ),
    Claim(
        "Images that change a little",
        "On slowly changing image sequences (ImageNet-P), WSL predictions flip less often: an mFR of "
        "{0.least:.1f}–{0.most:.1f}%, versus {0.baseline:.1f}% without WSL.",
        cited=(MFR,),
        drawn=(MFR,),
        page=menu.WHAT_IF,
        links={
            IMAGENET: {"severity": "0", "more": "Sequence", "sequence": "Gaussian noise"},
            MINI: {"source": "Synthetic images", "severity": "0", "more": "Sequence", "sequence": "Gaussian noise"},
        },
        numbers={"view": "Leaderboard", "benchmark": "ImageNet-P", "metric": "mFR"},
    ),
    Claim(
        "Images that mislead",
        "On ImageNet-A (natural images chosen to fool classifiers), WSL models score {0.least:.1f}–{0.most:.1f}%, up "
        "from {0.baseline:.1f}%. They also doubt better: an RMS calibration error of {1.least:.1f}–{1.most:.1f} "
        "points, down from {1.baseline:.1f}.",
        cited=(ACCURACY, CALIBRATION),
        drawn=(ACCURACY,),
        marked=(CALIBRATION,),
        page=menu.WHAT_IF,
        links={
            IMAGENET: {"source": "ImageNet-A", "severity": "0"},
            MINI: {"source": "Synthetic images", "scene": "hard", "n_synthetic": "12", "severity": "0"},
        },
        numbers={"view": "Calibration", "k_benchmark": "ImageNet-A"},
    ),
    Claim(
        "Ten steps of attack",
        "WSL networks partly resist ten steps of a white-box attack. At ε = 0.06, {0.least:.1f}–{0.most:.1f}% of "
        "predictions stay correct; without WSL, {0.baseline:.3f}%.",
        cited=(replace(ATTACKED_BY_EPS, settings="eps=0.06 steps=10"),),
        drawn=(ATTACKED_BY_EPS,),
        against="eps",
        page=menu.PGD_STEPS,
        links={
            IMAGENET: {"protocol": "Orhan 2019", "against": "ε", "steps": "10", "published_eps": "White-box"},
            MINI: {"source": "Synthetic images", "protocol": "Own settings", "against": "ε", "steps": "10"},
        },
        numbers={"view": "PGD", "a_benchmark": BY_EPS},
    ),
    Claim(
        "Fifty steps of attack",
        "With more steps the resistance is gone: {0.least:.1f}–{0.most:.1f}% after 10 steps, "
        "{1.least:.2f}–{1.most:.2f}% after 50. An adversarially trained ResNet-101 kept {2.most:.1f}% after 100 steps "
        "in another study (not comparable: different ε and images).",
        cited=(TEN_STEPS, FIFTY_STEPS, ADVERSARIALLY_TRAINED),
        drawn=(ATTACKED_BY_STEPS,),
        against="steps",
        page=menu.PGD_STEPS,
        links={
            IMAGENET: {"protocol": "Orhan 2019", "against": "Steps", "steps": "50", "published": "true"},
            MINI: {
                "source": "Synthetic images",
                "protocol": "Own settings",
                "against": "Steps",
                "eps": "4/255",
                "steps": "50",
            },
        },
        numbers={"view": "PGD", "a_benchmark": BY_STEPS},
    ),
    Claim(
        "Shape or texture",
        "Where shape and texture disagree, WSL networks follow shape more often, but far less than people. Shape "
        "bias: {0.least:.1f}–{0.most:.1f}%, versus {0.baseline:.1f}% without WSL and {1.most:.1f}% for people.",
        cited=(SHAPE, PEOPLE_SHAPE),
        drawn=(SHAPE, PEOPLE_SHAPE),
        marked=(COVERAGE, PEOPLE_COVERAGE),
        page=menu.SHAPE_OR_TEXTURE,
        links={IMAGENET: {"rule": RULES[0].title}, MINI: {"stimulus": "From the set"}},
        numbers={"view": "Shape bias"},
    ),
)
