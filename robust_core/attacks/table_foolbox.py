"""The attacks that Foolbox 3.3.4 runs (Rauber et al. 2017), as rows of the table."""

from robust_core.attacks.attack_row import Attack

SEARCHES = 9  # for the constant of C&W and of EAD, each of as many steps; as both papers
CLASSES = 10  # the likeliest, among which DeepFool looks for the nearest; as its paper


def _one_each(steps: int, classes: int) -> tuple[int, int]:
    return steps + 1, steps


def _deepfool(steps: int, classes: int) -> tuple[int, int]:
    others = min(CLASSES, classes) - 1
    return steps * others + 2, steps * others


FOOLBOX_ROWS: tuple[Attack, ...] = (
    Attack(
        key="fgsm",
        title="FGSM",
        source="Goodfellow et al. 2015, section 4; Foolbox",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=1,
        passes=lambda steps, classes: (2, 1),
        function="foolbox_search.run",
    ),
    Attack(
        key="bim",
        title="BIM",
        source="Kurakin et al. 2017, section 2.2; Foolbox",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=10,
        passes=_one_each,
        function="foolbox_search.run",
    ),
    Attack(
        key="mi_fgsm",
        title="MI-FGSM",
        source="Dong et al. 2018, algorithm 1; Foolbox",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=10,
        passes=_one_each,
        function="foolbox_search.run",
    ),
    Attack(
        key="cw",
        title="C&W",
        source="Carlini & Wagner 2017, section VI.A; Foolbox",
        knowledge="gradients",
        norms=("l2",),
        minimal=True,
        steps=100,
        passes=lambda steps, classes: (SEARCHES * steps + 1, SEARCHES * steps),
        function="foolbox_search.run",
    ),
    Attack(
        key="deepfool",
        title="DeepFool",
        source="Moosavi-Dezfooli et al. 2016, algorithm 2; Foolbox",
        knowledge="gradients",
        norms=("l2", "linf"),
        minimal=True,
        steps=50,
        passes=_deepfool,
        function="foolbox_search.run",
    ),
    Attack(
        key="ddn",
        title="DDN",
        source="Rony et al. 2019, algorithm 1; Foolbox",
        knowledge="gradients",
        norms=("l2",),
        minimal=True,
        steps=100,
        passes=_one_each,
        function="foolbox_search.run",
    ),
    Attack(
        key="fmn",
        title="FMN",
        source="Pintor et al. 2021, algorithm 1; Foolbox",
        knowledge="gradients",
        norms=("linf", "l2", "l1", "l0"),
        minimal=True,
        steps=100,
        passes=_one_each,
        function="foolbox_search.run",
    ),
    Attack(
        key="ead",
        title="EAD",
        source="Chen et al. 2018, algorithm 1; Foolbox",
        knowledge="gradients",
        norms=("l1",),
        minimal=True,
        steps=100,
        passes=lambda steps, classes: (2 * SEARCHES * steps + 1, SEARCHES * steps),
        function="foolbox_search.run",
    ),
    Attack(
        key="boundary",
        title="Boundary",
        source="Brendel et al. 2018, section 2; Foolbox",
        knowledge="decisions",
        norms=("l2",),
        minimal=True,
        steps=1_000,
        passes=lambda steps, classes: (steps, 0),
        function="foolbox_queries.run",
        unit="queries",
    ),
    Attack(
        key="hop_skip_jump",
        title="HopSkipJump",
        source="Chen et al. 2020, algorithm 2; Foolbox",
        knowledge="decisions",
        norms=("l2", "linf"),
        minimal=True,
        steps=1_000,
        passes=lambda steps, classes: (steps, 0),
        function="foolbox_queries.run",
        unit="queries",
    ),
)
