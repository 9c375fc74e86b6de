"""The link to what a page shows: to copy, as a QR code for a class, and as a citation."""

import streamlit as st


def open_dialog(entry):
    st.write(st.context.url, dict(st.query_params))
