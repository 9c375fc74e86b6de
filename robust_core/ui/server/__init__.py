"""What stands around Streamlit's own server.

headers.py, script_path.py    middleware: security headers, and no path of the server in what is sent
document_head.py              middleware and routes: style and script in the document itself
plotly_js.py, frame_store.py  routes: Plotly's script, and frames for the player
thumbnails.py, job_watch.py   routes: small images to choose by, and how a page's jobs stand
job_log.py                    one line for each job
forged_states.py              what a client that is no browser says of controls does not count
warmup.py, script_turns.py    PyTorch imported in the background; one script at a time
"""
