"""The parts of pages/evidence/models.py.

model_table.py (the table), importing.py (the form that imports a network of one's own), incoming.py (a weight file on
its way to the disk)
"""
