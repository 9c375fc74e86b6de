"""The first thing on the home page: a photo, the noise that no eye sees, and what a model now says of it; recorded."""

import streamlit as st

from robust_core.data import list_collections
from robust_core.models.catalogue import list_models
from robust_core.plots.charts import percent
from robust_core.recordings import shipped, store
from robust_core.studies.attack_frames import AttackFrames
from robust_core.ui import menu, recorded, words
from robust_core.ui.components.hero import Verdict, hero
from robust_core.ui.server.frame_store import sequences_of

TITLE = "Did a billion Instagram photos make vision models robust?"
LEAD = (
    "Almost a billion Instagram photos made these networks tougher against fog and noise. After 50 steps of attack, "
    "{least:.2f}–{most:.2f}% accuracy was left (Orhan 2019). {shown}"
)


def show(least: float, most: float) -> None:
    """The question, the sentence with the published ends, and the recorded attack; without its photo, the words
    alone.
    """
    recording = _recording()
    words_here, attack_here = st.columns([5, 6], gap="large", vertical_alignment="center")
    with words_here:
        st.title(TITLE, anchor=False)
        shown = "Here: an ordinary ImageNet network." if recording else ""
        st.markdown(LEAD.format(least=least, most=most, shown=shown).strip())
        st.page_link(menu.PGD_STEPS.page, label="Attack it yourself, step by step", icon=":material/play_circle:")
    if recording:
        with attack_here:
            _show_attack(recording)


def _recording() -> store.Recording | None:
    """The frames of the recorded attack; None where its photo or its model is not on this machine."""
    has_photos = any(one.key == shipped.PHOTOS for one in list_collections())
    has_model = any(spec.key == shipped.HERO_MODEL for spec in list_models())
    return (
        recorded.find(recorded.asked(shipped.hero_request), only="AttackFrames") if has_photos and has_model else None
    )


def _show_attack(recording: store.Recording) -> None:
    frames, threat = recording.result, shipped.HERO_THREAT
    attacked, change = sequences_of(frames, "attacked", "change")
    names = frames.spec.label_space.names
    verdicts = [
        Verdict(names[label], percent(share), correct)
        for label, share, correct in zip(frames.label, frames.probability, frames.correct, strict=True)
    ]
    added = (f"at most {255 * threat.eps:.0f} level in 255", f"shown × {frames.factor}")
    with st.container(key="hero_place"):
        hero(attacked, change, verdicts, key="hero", added=added)
    st.caption(
        f"{words.BADGES['cached']} {words.plain(frames.spec.title)}, PGD, L∞, ε {255 * threat.eps:.0f}/255, "
        f"{words.count(threat.steps, 'step')}, n = 1 image. {_judged_again(frames)} {recorded.when(recording)}"
    )


def _judged_again(frames: AttackFrames) -> str:
    """What the model says of the attacked image as a file holds it, as it is and as an upload."""
    names = frames.spec.label_space.names
    stored, reopened = (
        f"{names[one.label]} {percent(one.top(1)[0][1])}" for one in (frames.stored_prediction, frames.reopened)
    )
    resized = "" if stored == reopened else f" Resized like an upload: {words.plain(reopened)}."
    return f"Saved as 8-bit PNG and judged again: {words.plain(stored)}.{resized}"
