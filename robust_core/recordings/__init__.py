"""Results read back: those that are shipped, so that a page has answered before anybody presses a button, and reports,
which are run again.

codec.py       results as bytes: plain JSON and arrays, never code
store.py       one file for each recorded request, found by the request's key
shipped.py     which requests are recorded; `robust-lab record` makes them anew
requests.py    the request of a report; field_checks.py: what each of its fields must hold
reopening.py   a report run again and compared, number by number; studies.py: how each kind of request is run
"""
