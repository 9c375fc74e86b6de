"""The screens' parts: the only place below app.py and pages/ that may import Streamlit.

Read shell.py first (what runs on every visit), then menu.py, pickers.py and jobs.py. What one page alone needs lies in
the folder of its name; screen_images.py, colours.py and words.py are how all of them look, components/ are those that
need JavaScript, server/ is what stands around Streamlit's own server.
"""
