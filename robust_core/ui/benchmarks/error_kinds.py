"""What kind of errors: the top-1 errors of models by kind (Peychev et al. 2023), and accuracy by three sets of
labels.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from robust_core.benchmark.error_kinds import KINDS, METRIC, Errors, errors_by_model
from robust_core.benchmark.leaderboard import OVER_200, Board, series
from robust_core.plots import stacked_bars
from robust_core.plots.charts import literal
from robust_core.plots.stacked_bars import Part
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown

MOST_MODELS = 16
AT_FIRST = ("resnet50_v2", *PAPER[1:], "resnext101_32x8d_swsl", "convnext_base")
OF_ERRORS, OF_IMAGES = "of the errors", "of all images"
# green is right after all, blue nearly so, the warm ones are wrong
COLOURS = dict(
    zip(
        (kind.key for kind in KINDS),
        ("#4E9E63", "#2F7D4A", "#1B90B5", "#0B73B0", "#B57910", "#C6639E", "#D35D00"),
        strict=True,
    )
)
ACCURACIES = {"top1": "Top-1 accuracy", "real_accuracy": "ReaL accuracy", "mla": "Multi-label accuracy"}


def show(boards: Boards) -> None:
    """Bars of the errors of some models by kind, then every number."""
    by_kind = {board: rows for board, rows in series(boards, "kind").items() if board.metric == METRIC}
    nothing = "No errors have been sorted by kind in this world yet."
    shown = panel.settle_rows(by_kind, "e_", AT_FIRST, MOST_MODELS, nothing)
    if shown is None:
        return
    board, known, models, rows = shown.board, shown.known, shown.models, shown.rows
    note_unknown("e_share", "share", [OF_ERRORS, OF_IMAGES])
    share = st.segmented_control(
        "Share",
        [OF_ERRORS, OF_IMAGES],
        default=OF_ERRORS,
        key="e_share",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    found = errors_by_model(rows)
    errors = [found[model] for model in models]
    _show_bars(board, errors, known, of_images=share == OF_IMAGES)
    _show_meanings()
    show_protocol(board, rows)
    table = as_table(board, errors, rows, accuracies(board, boards, models), known)
    row_table.show(table, "error_kinds", said=row_table.SAID)


def _show_bars(board: Board, errors: Sequence[Errors], known: Mapping[str, Known], *, of_images: bool) -> None:
    what = "images" if of_images else "top-1 errors"
    parts = [
        Part(
            kind.title,
            COLOURS[kind.key],
            [one.percent(kind.key, of_images=of_images) for one in errors],
            [_hover(one, kind.key, kind.title, known[one.model]) for one in errors],
        )
        for kind in KINDS
        if any(kind.key in one.counts for one in errors)
    ]
    titles = [known[one.model].title for one in errors]
    asides = [f"{one.total:,} errors" for one in errors]
    live_chart(
        stacked_bars.stacked(titles, asides, parts, f"share of the {what}, %"),
        key="error_bars",
        height_px=stacked_bars.ROW_PX * len(errors) + stacked_bars.AROUND_PX,
        alt=f"{board.benchmark}: kinds of top-1 errors, in % of the {what}, by model",
        png_name="error_kinds",
    )
    example = next((one for model in reversed(PAPER) for one in errors if one.model == model), errors[0])
    st.caption(words.plain(in_words(example, known[example.model].title)))


def in_words(errors: Errors, title: str) -> str:
    """How many of a model's errors are none by the multi-labels, and how many nothing explains."""
    excused = sum(errors.counts.get(kind, 0) for kind in ("collapsed_mapping", "multi_label"))
    unexplained = errors.counts.get("unexplained", 0)
    return (
        f"{title}: of {errors.total:,} top-1 errors on {errors.n:,} images, {100 * excused / errors.total:.1f}% are "
        f"right by the multi-labels, and {100 * unexplained / errors.total:.1f}% ({unexplained:,}) remain unexplained."
    )


def accuracies(board: Board, boards: Boards, models: Sequence[str]) -> dict[str, dict[str, Result]]:
    """metric -> model -> its accuracy on the data set of `board` by the labels of `ACCURACIES`: those of its own
    publication, and ReaL accuracy, which was published elsewhere or computed here.
    """
    source = boards_source(boards, board)
    found: dict[str, dict[str, Result]] = {metric: {} for metric in ACCURACIES}
    for other, rows in boards.items():
        of_set = other.benchmark == board.benchmark and not other.condition and other.scoring != OVER_200
        if not of_set or other.metric not in ACCURACIES:
            continue
        for row in rows:
            if row.model in models and (other.metric == "real_accuracy" or row.source == source):
                found[other.metric].setdefault(row.model, row)
    return found


def boards_source(boards: Boards, board: Board) -> str:
    """The source of the rows that `board` was joined from."""
    return next(
        rows[0].source
        for other, rows in boards.items()
        if (other.benchmark, other.metric, other.protocol) == (board.benchmark, board.metric, board.protocol)
    )


def as_table(
    board: Board,
    errors: Sequence[Errors],
    rows: Sequence[Result],
    found: Mapping[str, Mapping[str, Result]],
    known: Mapping[str, Known],
) -> pd.DataFrame:
    """A line for each model: accuracy by the three sets of labels, each with its n, then its errors by kind in %."""
    lines = []
    for one in errors:
        line: dict[str, object] = {"Model": known[one.model].title, "Training": known[one.model].family}
        by_labels = {title: found[metric].get(one.model) for metric, title in ACCURACIES.items()}
        line |= {title: row.value if row else None for title, row in by_labels.items()}
        line |= {"Top-1 errors": one.total, "n": one.n}
        line |= {f"{kind.title}, % of errors": one.percent(kind.key, of_images=False) for kind in KINDS}
        line |= {f"n, {title}": (row.n or None) if row else None for title, row in by_labels.items()}
        line |= {f"{title}: source": row.source if row else None for title, row in by_labels.items()}
        lines.append(line | {"Protocol": board.protocol, "Source": rows[0].source})
    table = pd.DataFrame(lines)
    counts = [name for name in table if name.startswith("n, ") or name == "n"]
    table[counts] = table[counts].astype("Int64")
    accuracies_of_all = list(ACCURACIES.values())
    table[accuracies_of_all] = table[accuracies_of_all].astype(float)
    return table


def _show_meanings() -> None:
    with st.expander("What the kinds mean"):
        st.markdown("\n".join(f"- **{kind.title}**: the prediction {kind.meaning}" for kind in KINDS))
        st.caption(
            "An error is put into the first kind that fits, in this order. The first two count as right in the "
            "multi-label accuracy, which is a mean over classes."
        )


def _hover(errors: Errors, kind: str, title: str, known: Known) -> str:
    of_errors, of_images = (errors.percent(kind, of_images=one) for one in (False, True))
    return (
        f"{literal(known.title)}<br>{literal(title)}: {errors.counts.get(kind, 0):,} of {errors.total:,} errors "
        f"({of_errors:.1f}%), {of_images:.2f}% of {errors.n:,} images"
    )
