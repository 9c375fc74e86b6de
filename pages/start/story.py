"""Story: the six claims of Orhan 2019, each with its published numbers and the page on which it can be seen live."""

import streamlit as st

from robust_core.ui import words
from robust_core.ui.story import cards
from robust_core.ui.story.claims import CLAIMS

st.title("How robust are networks trained on tagged photographs?", anchor=False)
st.write(
    "Six claims of Orhan's *Robustness properties of Facebook's ResNeXt WSL models* (2019), each with its published numbers and a link to the page "
    "where you can see it happen."
)
words.show_how_to_read("story")
cards.show(CLAIMS)
