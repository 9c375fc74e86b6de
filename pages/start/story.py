"""Story: a photo under attack, then the six claims of Orhan 2019, each as published and in Mini."""

import streamlit as st

from robust_core.ui import jobs, words, worlds
from robust_core.ui.server import warmup
from robust_core.ui.story import cards, hero
from robust_core.ui.story.orhan_claims import CLAIMS, FIFTY_STEPS

fifty = FIFTY_STEPS.span()
hero.show(fifty.least, fifty.most)
st.header("Six claims of the paper", anchor=False)
st.caption(
    "Orhan, *Robustness properties of Facebook's ResNeXt WSL models* (2019). First the published numbers, then the "
    "same question in Mini, small networks on synthetic images: it illustrates a mechanism and is not evidence."
)
words.show_how_to_read("story")
if warmup.ready():
    jobs.poll_and_draw(lambda: cards.show(CLAIMS))
else:  # what was published needs no PyTorch
    cards.show(CLAIMS)
    worlds.wait_for_torch()
