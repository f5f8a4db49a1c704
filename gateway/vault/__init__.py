"""The vault: state that a model wants back, kept for clients whose dialect can't carry it.

A sealed reply (a thinking signature, a thought signature, encrypted reasoning) is remembered as it
goes to the client (`keeping.py`), under what comes back for certain (`keys.py`). When the same turn
comes back in a history and goes to where it was made, what the client left out is put in its place
again (`restoring.py`). What one proxy key has is never found by another.
"""
