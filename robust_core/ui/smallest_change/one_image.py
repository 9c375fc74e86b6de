"""How breakable is one image: its smallest change for each model, as a percentile among reference images."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from robust_core.images import LabelledImage
from robust_core.models.spec import ModelSpec
from robust_core.plots import change_charts, charts
from robust_core.plots.change_charts import RankRow
from robust_core.recordings.store import Recording
from robust_core.studies.breakability import RANKED, Breakability, breakability
from robust_core.studies.found_changes import SmallestChanges, length
from robust_core.studies.smallest_change import SmallestChangeResult
from robust_core.ui import recorded, screen_images, sharing, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.server import script_turns
from robust_core.ui.smallest_change import change_runs, share_card
from robust_core.ui.smallest_change.change_runs import ChangeRun, Done

SCALES = {"linf": (255, "smallest ε found, in 255ths"), "l2": (1, "smallest L2 length found, in pixel units")}
COLUMNS = 3


class Found(NamedTuple):
    """What one model's run came to, and where that lies among its references; None where there are none."""

    spec: ModelSpec
    result: SmallestChangeResult
    recording: Recording | None
    rank: Breakability | None

    @property
    def changes(self) -> SmallestChanges:
        """Of the one image."""
        return self.result.found[0]


def found_by_models(run: ChangeRun, done: Done) -> list[Found]:
    """A row for each model that is done."""
    rows = []
    for spec in run.specs:
        if spec.key in done:
            others = change_runs.references(spec, run.search)
            rank = others and breakability(done[spec.key][0], 0, others[0], spec.name)
            rows.append(Found(spec, *done[spec.key], rank))
    return rows


def show(run: ChangeRun, image: LabelledImage, rows: Sequence[Found]) -> None:
    """The numbers in words, the strip of references, and the images with their changes."""
    st.markdown("\n".join(f"- **{words.plain(one.spec.title)}**: {sentence(run, one)}" for one in rows))
    _show_strip(run, rows)
    _show_images(run, image, rows)
    _show_protocol(rows)


def sentence(run: ChangeRun, one: Found) -> str:
    """What the model's number says, censored where it is."""
    far, rank = length(run.search.norm, float(one.changes.distance[0])), one.rank
    if not one.changes.clean_correct[0]:
        name = words.plain(one.spec.label_space.names[int(one.changes.clean_label[0])])
        return f"wrong before any change ({name}), so there is nothing to break."
    if math.isinf(float(one.changes.distance[0])):
        broken = len(rank.references) - rank.never_broken if rank else 0
        others = f"; {broken} of {words.count(len(rank.references), 'reference image')} broke" if rank else ""
        return f"no search broke it{others}."
    if rank is None or rank.standing != RANKED:
        return f"**ε = {far}**. No reference images were searched like this; run “Many images” first."
    assert rank.easier is not None
    harder = 1 - rank.easier.estimate
    low, high = 1 - rank.easier.high, 1 - rank.easier.low
    ends = f"[{charts.percent(low)}, {charts.percent(high)}]"
    return (
        f"**ε = {far}**, more breakable than **{charts.percent(harder)}** {ends} of "
        f"{words.count(len(rank.references), 'reference image')}."
    )


def spoken(run: ChangeRun, one: Found) -> str:
    """The same without markup."""
    return sentence(run, one).replace("**", "").replace("\\", "")


def _show_strip(run: ChangeRun, rows: Sequence[Found]) -> None:
    scale, axis = SCALES[run.search.norm]
    colours = model_colours()
    drawn = [
        RankRow(
            one.spec.title,
            colours[one.spec.key],
            [scale * far for far in one.rank.references] if one.rank else [],
            scale * float(one.changes.distance[0]) or None,
        )
        for one in rows
    ]
    alt = "The smallest change of the image among those of reference images. " + " ".join(
        f"{one.spec.title}: {spoken(run, one)}" for one in rows
    )
    height_px = change_charts.AXIS_PX + change_charts.ROW_PX * len(rows)
    live_chart(change_charts.ranks(drawn, axis), key="change_ranks", height_px=height_px, alt=alt, png_name="breakable")
    st.caption("Diamond: this image. Faint points: reference images. Farther left is easier to break.")


def _show_images(run: ChangeRun, image: LabelledImage, rows: Sequence[Found]) -> None:
    """The clean image, and for each model the changed one and the change enlarged."""
    shown = [one for one in rows if one.changes.found_by[0] in one.changes.by_attack]
    for first in range(0, len(shown), COLUMNS):
        some = shown[first : first + COLUMNS]
        clean_here, *columns = st.columns([1, *(2 for _ in some)])
        with clean_here:
            st.markdown("**Clean**")
            st.image(
                screen_images.screen_uri(input_of(image, some[0].spec)), width="stretch", alt=f"{image.name}, clean"
            )
            st.caption(words.plain(_named(image)))
        for one, column in zip(some, columns, strict=True):
            with column:
                _show_changed(run, image, one)


def _show_changed(run: ChangeRun, image: LabelledImage, one: Found) -> None:
    changes, names = one.changes, one.spec.label_space.names
    kept = changes.changes[0]
    clean = input_of(image, one.spec)
    before = f"{names[int(changes.clean_label[0])]} {charts.percent(float(changes.clean_probability[0]))}"
    after = f"{names[int(changes.label[0])]} {charts.percent(float(changes.probability[0]))}"
    st.markdown(f"**{words.plain(one.spec.title)}**")
    pair = np.concatenate([kept.on(clean), kept.change], axis=1)  # one image: a phone puts columns in a row
    st.image(
        screen_images.screen_uri(pair),
        width="stretch",
        alt=f"{image.name}, changed: {after}; and the change times {kept.factor:,}",
    )
    st.caption(
        words.plain(
            f"{before} → {after}. Right: the change × {kept.factor:,}. It {_in_8_bits(changes)} rounding to 8 bits."
        )
    )
    st.download_button(
        "Share card",
        partial(_card, run, image, one, sharing.link_here()),
        f"breakable_{one.spec.key}.png",
        "image/png",
        key=f"card:{one.spec.key}",
        icon=":material/ios_share:",
        on_click="ignore",
        type="tertiary",
    )


def _named(image: LabelledImage) -> str:
    """The true class where it is known, else the name of the file."""
    return image.name if image.label is None else image.label_space.names[image.label]


def _in_8_bits(changes: SmallestChanges) -> str:
    return "survives" if changes.broken_in_8_bits[0] else "is lost in"


def _card(run: ChangeRun, image: LabelledImage, one: Found, link: str) -> bytes:
    kept, clean = one.changes.changes[0], input_of(image, one.spec)
    names, changes = one.spec.label_space.names, one.changes
    said = [
        one.spec.title,
        spoken(run, one),
        f"{names[int(changes.clean_label[0])]} -> {names[int(changes.label[0])]}. The change {_in_8_bits(changes)} "
        "rounding to 8 bits, as in this image. An upper bound: a smaller one may exist.",
        one.result.protocol,
    ]
    captions = ("clean", "changed", f"change x {kept.factor:,}")
    return share_card.png((clean, kept.on(clean), kept.change), captions, said, link)


def _show_protocol(rows: Sequence[Found]) -> None:
    for said in dict.fromkeys(
        f"{recorded.origin(one.changes.device, one.recording)}; {words.plain(one.result.protocol)}." for one in rows
    ):
        st.caption(said)
    left_out = [f"{one.spec.title}: {one.rank.left_out}" for one in rows if one.rank and one.rank.left_out]
    also = f" Left out, as wrong when clean: {words.plain('; '.join(left_out))}." if left_out else ""
    st.caption(
        "Every ε is an upper bound: a smaller change may exist. The percentile is the fraction of reference images "
        "whose smallest change is at least as long, with Wilson’s 95% interval; the image itself is none of them."
        f"{also}"
    )


def input_of(image: LabelledImage, spec: ModelSpec) -> np.ndarray:
    """The image (H,W,3) in 8 bits as the model sees it."""
    return _input(image.digest, spec.key, image, spec)


@script_turns.kept(64)
def _input(digest: str, key: str, _image: LabelledImage, _spec: ModelSpec) -> np.ndarray:
    from robust_core.images import to_pixels, to_rgb

    return to_rgb(to_pixels(_image, _spec.preprocess_for(_image.centre_crop_only))[None])[0]
