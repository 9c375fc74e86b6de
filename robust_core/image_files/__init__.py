"""From the bytes of an image file to 8 bits a sample; nothing about labels, models or collections.

decoding.py     what is let in, and what becomes of it
formats.py      which formats are read, and which reader opens a file
foreign.py      what a file is that none of them can read, and what to do about it
tiff.py         TIFF: deep greys that Pillow does not read or reads wrongly, camera RAW, and what cannot be read
sample_range.py which sample is black and which is white, and from there to 8 bits
"""
