"""What stands around Streamlit's own server.

headers.py, script_path.py    middleware: security headers, and no path of the server in what is sent
compressed_scripts.py         middleware: Streamlit's scripts and styles in gzip
document_head.py              middleware and routes: style and script in the document itself
connections.py, visitors.py   doors: how many connections and visitors there may be, and for how long they may be silent
messages.py, upload_door.py   doors: which messages come in, and how much of uploads
closable_socket.py            a websocket that a door closes
sessions.py                   what a closed tab leaves behind ends in time
hosts.py, proxies.py          under which names the server is reached, and from where
plotly_js.py, frame_store.py  routes: Plotly's script, and frames for the player
class_door.py                 routes: the page for phones of a class, and what it asks for
thumbnails.py, job_watch.py   routes: small images to choose by, and how a page's jobs stand
job_log.py, log_floods.py     one line for each job, and few for what a stranger repeats
message_batches.py            what scripts send, many elements at a time
state_lookups.py              a control's key is looked up without all the others
forged_states.py              what a client that is no browser says of controls does not count
warmup.py, script_turns.py    PyTorch imported in the background; one script at a time
cores.py                      how many cores a job takes
"""
