"""Glasses for networks: a filter between the image and the network. Read table, filters, wrapping, in this order.

table.py      every filter: what its strength counts, between which bounds, and who proposed it
filters.py    the filters themselves, on batches of pixels and with gradients
wrapping.py   a loaded model that sees everything through one of them
"""
