"""What stands around Streamlit's own server.

headers.py, script_path.py    middleware: security headers, and no path of the server in what is sent
plotly_js.py, frame_store.py  routes: Plotly's script, and frames for the player
job_log.py                    one line for each job
warmup.py, script_turns.py    PyTorch imported in the background; one script at a time
"""
