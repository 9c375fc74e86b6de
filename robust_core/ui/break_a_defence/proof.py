"""Proof and attack on one axis: what randomised smoothing certifies, and the smallest change found that fools it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.intervals import share_in_words
from robust_core.jobs import Job, State
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.plots import proof_charts
from robust_core.plots.charts import Line
from robust_core.plots.proof_charts import Span
from robust_core.recordings import shipped
from robust_core.results import Result
from robust_core.results import published as table
from robust_core.studies.certified_images import Bound, CertifiedImage, radii, share
from robust_core.studies.certified_radius import CertifiedRadius, CertifiedRadiusRequest, trained_sigma
from robust_core.ui import jobs, links, pickers, recorded, run_button, words, worlds
from robust_core.ui.break_a_defence import proof_run
from robust_core.ui.break_a_defence.proof_run import ProofRun
from robust_core.ui.components.live_chart import live_chart

Chosen = TypeVar("Chosen")
DRAWS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000)
SIGMAS = (0.12, 0.25, 0.5, 1.0)
FIRST_SIGMA, FIRST_N, ALPHA = 0.25, 1_000, 0.001
MOST_IMAGES, MOST_PHOTOS = 64, 20
CURVES_PX = 380
ABOUT = (
    "A **smoothed** classifier predicts what the model says most often of the image in Gaussian noise. Within the "
    "certified L2 radius no change can alter that (Cohen et al. 2019); from above, an attack looks for the smallest "
    "change that does. The truth lies between."
)
PUBLISHED_WORDS = (
    "Dashed: certified accuracy on ImageNet, ResNet-50, n = 427 or 500 images, 100,000 draws (Cohen et al. 2019; "
    "Salman et al. 2019). Another data set, so only the shape compares. The largest radii of Cohen et al. are 3.91σ: "
    "more than the 3.81σ that 100,000 draws allow at α = 0.001, and what they allow at α = 0.01."
)


def show() -> None:
    """The whole segment; it has to be the last that the page's script draws."""
    st.markdown(ABOUT)
    request = _choose_request()
    if request is None:
        return
    button, note = st.columns([2, 9], vertical_alignment="center")
    run = proof_run.choose_run(request, button, note)
    _show_cost(request)
    behind = _choose_published()

    def results() -> None:
        with st.container(key=run_button.place(proof_run.NAME)):
            if run is not None:
                _show_run(run, behind)
        words.show_how_to_read("proof_and_attack")

    jobs.poll_and_draw(results, proof_run.note_measured)


def _choose_request() -> CertifiedRadiusRequest | None:
    specs = _models()
    if not specs:
        pickers.show_what_is_missing(specs, [None])
        return None
    which, noise, budget, many = st.columns([3, 2, 3, 2], vertical_alignment="bottom")
    spec = _choose(partial(which.selectbox, "Model"), {spec.title: spec for spec in specs}, "proof_model", "model")
    own = trained_sigma(spec)
    sigmas = {_sigma_words(one, own): one for one in dict.fromkeys([own or FIRST_SIGMA, *SIGMAS])}
    sigma = _choose(partial(noise.selectbox, "σ of the noise"), sigmas, f"sigma_{spec.key}", "σ")
    slider = partial(budget.select_slider, "Draws of noise (n)", value=f"{FIRST_N:,}")
    n = _choose(slider, {f"{n:,}": n for n in DRAWS}, "proof_n", "number of draws")
    images = _images(many)
    return CertifiedRadiusRequest((spec,), images, None if sigma == own else sigma, n, ALPHA)


def _choose(control: Callable[..., str], offered: Mapping[str, Chosen], key: str, kind: str) -> Chosen:
    """What is chosen among those `offered`, by their words, which stand in the link as `key`."""
    links.note_unknown(key, kind, list(offered))
    if st.session_state.get(key) not in (None, *offered):
        del st.session_state[key]  # of a model that is gone
    return offered[control(options=list(offered), key=key, bind="query-params", persist_state="session")]


def _models() -> list[ModelSpec]:
    """Those that were trained with noise first, then those of the sidebar."""
    ready = worlds.ready_models(worlds.world())
    with_noise = [spec for spec in ready if trained_sigma(spec)]
    first = [spec for spec in with_noise if spec.key == shipped.PROVED]
    return list(dict.fromkeys([*first, *with_noise, *pickers.chosen_models()]))


def _sigma_words(sigma: float, own: float | None) -> str:
    return f"{sigma:g}, as trained" if sigma == own else f"{sigma:g}"


def _images(place) -> ImageSet:
    space = worlds.world()
    most = MOST_IMAGES if space == MINI else MOST_PHOTOS
    first = shipped.N_PROVED.get(space, 1)
    n = links.number(
        place.number_input, "Images", 1, most, first, key=f"{space.key}_proof_images", persist_state="session"
    )
    return shipped.defence_images(space, n)


def _show_cost(request: CertifiedRadiusRequest) -> None:
    """What n costs, and what it can buy."""
    proof_run.measure(request)
    smoothing, takes = request.smoothing(request.spec), proof_run.seconds(request)
    time = "" if takes is None else f" A run takes at most about {jobs.roughly(takes)}."
    ceiling = f"So many draws certify no radius above **{smoothing.ceiling:.3f}**, however sure the model is."
    st.caption(f"{smoothing}. {ceiling}{time}")


def _choose_published() -> list[Line]:
    links.note_unknown("published_proof", "switch position", links.ON_OR_OFF)
    if not st.toggle("Show the published curves", key="published_proof", bind="query-params", persist_state="session"):
        return []
    st.caption(f"{words.BADGES['published']} {PUBLISHED_WORDS}")
    by_model: dict[str, list[Result]] = {}
    for row in table("certificates"):
        by_model.setdefault(row.model, []).append(row)
    return [_published_line(model, rows) for model, rows in by_model.items()]


def _published_line(model: str, rows: Sequence[Result]) -> Line:
    at = [row.setting("radius") for row in rows]
    return Line(f"{model} (PUBLISHED)", "#697386", at, [row.value / 100 for row in rows], [])


def _show_run(run: ProofRun, behind: list[Line]) -> None:
    job = proof_run.start(run)
    images = list(job.result.by_model[0].images) if job.state is State.DONE else proof_run.images_so_far(job)
    if images:
        _show_charts(run, images, behind)
    if job.state is not State.DONE:
        _show_draws(job)
        jobs.show_progress(proof_run.SLOT, job)
        return
    proof_run.note_shown(run, job.result)
    _show_words(run, job.result)


def _show_charts(run: ProofRun, images: Sequence[CertifiedImage], behind: list[Line]) -> None:
    spec, smoothing = run.request.spec, run.request.smoothing(run.request.spec)
    at = radii(images, smoothing)
    certified = _line("certified", proof_charts.PROOF, images, "certified", at)
    attacked = images[0].attack_distance is not None
    held = _line("not broken", proof_charts.ATTACK, images, "not broken", at) if attacked else None
    chance = 1 / len(spec.label_space.names)
    left, right = st.columns(2)
    with left:
        alt = f"{spec.title}: accuracy against the L2 radius, certified and under attack, n = {len(images)}"
        figure = proof_charts.curves(certified, held, behind, smoothing.ceiling, at[-1], chance)
        live_chart(figure, key="proof_curves", height_px=CURVES_PX, alt=alt, png_name="proof_and_attack")
    spans = [_span(one, spec) for one in images]
    with right:
        live_chart(
            proof_charts.dumbbells(spans, smoothing.ceiling),
            key="proof_images",
            height_px=max(CURVES_PX, proof_charts.height_px(spans)),
            alt="From the certified radius of each image to the smallest change found. " + "; ".join(map(_said, spans)),
            png_name="proof_and_attack_by_image",
        )


def _line(title: str, colour: str, images: Sequence[CertifiedImage], bound: Bound, at: Sequence[float]) -> Line:
    found = [share(images, bound, radius) for radius in at]
    said = [f"{title}: {share_in_words(one.estimate, one.n)} [{one.low:.0%}, {one.high:.0%}]" for one in found]
    return Line(title, colour, at, [one.estimate for one in found], [(one.low, one.high) for one in found], said)


def _span(one: CertifiedImage, spec: ModelSpec) -> Span:
    name = f"{one.place + 1} {spec.label_space.names[one.right]}"
    said = " (abstains)" if one.abstains else "" if one.certified else " (wrong)"
    return Span(name + said, one.radius if one.certified else 0.0, one.attack_distance, one.proof_is_broken)


def _said(one: Span) -> str:
    high = "" if one.high is None else f" to {one.high:.2f}"
    return f"{one.name} {one.low:.2f}{high}"


def _show_draws(job: Job) -> None:
    """The bound as it grows with the draws."""
    from robust_core.certificates import bounds
    from robust_core.certificates.votes import Votes

    last = next((event for event in reversed(job.events) if isinstance(event, Votes)), None)
    if last is not None:
        low = bounds.lower_bound(last.counts[last.top], last.n, ALPHA)
        st.caption(
            f"Image {last.index + 1}: {last.counts[last.top]:,} of {last.n:,} draws agree, so that the class has a "
            f"probability of at least {low:.3f} so far."
        )


def _show_words(run: ProofRun, result: CertifiedRadius) -> None:
    (one,) = result.by_model
    for sentence in one.sentences(result.image_ids):
        (st.error if sentence.startswith("ALARM") else st.caption)(words.plain(sentence))
    origin = recorded.origin(one.device, run.recording(one.spec))
    st.caption(f"{origin}; n = {len(one.images)} images. Bands are 95% Wilson intervals.")
    st.download_button(
        "Every image as CSV",
        result.csv_by_image,
        "proof_and_attack.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
