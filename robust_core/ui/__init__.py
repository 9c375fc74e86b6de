"""The screens' parts: the only place below app.py and pages/ that may import Streamlit.

Read shell.py first (what runs on every visit), then pickers.py, jobs.py, charts.py and render.py; components/ are the two that need JavaScript.
"""
