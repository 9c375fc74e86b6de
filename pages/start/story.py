"""Story: what models predict about an image, now, and the six claims of Orhan 2019, each with its published numbers and
a page to see it live.
"""

import streamlit as st

from robust_core.ui import words
from robust_core.ui.story import cards, hero
from robust_core.ui.story.orhan_claims import CLAIMS

st.title("How robust are networks trained on tagged images?", anchor=False)
st.write(
    "What do image classifiers predict, and how far can you trust them? Below, the sidebar's models predict its first "
    "image. Then six claims of Orhan's "
    "*Robustness properties of Facebook's ResNeXt WSL models* (2019), each with its published numbers and a link to "
    "see it happen."
)
first = st.container()
st.subheader("Six claims of the paper", anchor=False)
words.show_how_to_read("story")
cards.show(CLAIMS)
with first:
    hero.show()  # last, because a page ends with its self-refreshing part
