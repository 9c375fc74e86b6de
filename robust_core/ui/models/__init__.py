"""The Models page: a network of one's own is imported here; the table of models is `ui/model_table.py`, downloads
`ui/downloads.py`.

Read on in `incoming.py` (a weight file on its way to the disk), `weight_upload.py` (its drop zone) and `importing.py`
(the form).
"""
