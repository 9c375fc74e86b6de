"""The pictures that this session brought along: kept in memory for as long as the session lives, never written to disk."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from robust_core.errors import BadImage
from robust_core.images import LabelledImage, decode, shown_name
from robust_core.ui import words

MAX_PICTURES = 12
MAX_TOTAL_BYTES = 60 * 2**20


@dataclass(frozen=True, eq=False)
class Upload:
    """One file as it came."""

    name: str
    data: bytes


def show_uploader() -> None:
    """The drop area; what was brought before stays when another source is looked at in between."""
    st.file_uploader(
        "Pictures",
        accept_multiple_files=True,
        key="uploader",
        on_change=_keep,
        label_visibility="collapsed",
        help="PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or AVIF",
    )
    st.caption(f"At most {MAX_PICTURES} pictures; they stay in this server's memory and are forgotten when you close the tab.")
    if st.session_state.get("uploads") and not st.session_state.get("uploader"):
        st.caption("Still here: " + words.plain(", ".join(shown_name(upload.name) for upload in st.session_state["uploads"])))


def uploaded_pictures() -> list[LabelledImage]:
    """Every upload that is a picture; the others are named with the reason."""
    pictures = []
    for upload in st.session_state.get("uploads", ()):
        try:
            pictures.append(_decoded(hashlib.sha256(upload.data).hexdigest(), upload.name, upload.data))
        except BadImage as error:
            st.error(words.plain(str(error)))
    if st.session_state.get("uploads_left_out"):
        st.warning(st.session_state["uploads_left_out"])
    return pictures


def _keep() -> None:
    files = st.session_state["uploader"]
    kept, total = [], 0
    for file in files[:MAX_PICTURES]:
        if total + file.size <= MAX_TOTAL_BYTES:
            kept.append(Upload(file.name, file.getvalue()))
            total += file.size
    st.session_state["uploads"] = kept
    left_out = len(files) - len(kept)
    st.session_state["uploads_left_out"] = (
        f"{left_out} of {len(files)} files were left out: at most {MAX_PICTURES} pictures and {MAX_TOTAL_BYTES // 2**20} MB together." if left_out else ""
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _decoded(digest: str, name: str, _data: bytes) -> LabelledImage:
    return decode(_data, name)
