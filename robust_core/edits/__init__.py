"""Edits of the object of an image, as values, and what carries them out on photos. Read in this order:

object_edit.py   what can be done to an object, in Mini and on photos, as a table
boxes.py         where the object of a photo is: boxes, and tables of them
masks.py         which pixels of a box are the object's
backdrops.py     the photo without its object, and what else may lie behind it
cutout.py        the object cut out, edited and pasted back

Mini draws its scenes again instead, since it knows their masks: mini/object_edits.py.
"""
