"""Recorded runs: results that are shipped, so that a page has answered before anybody presses a button.

codec.py      results as bytes: plain JSON and arrays, never code
store.py      one file for each recorded request, found by the request's key
shipped.py    which requests are recorded; `robust-lab record` makes them anew
"""
