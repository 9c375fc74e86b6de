"""Reports: one HTML file that holds a result whole, opens offline, and can be checked by running it again.

It knows a result by what every result offers: its table, its figure, its images and its provenance.

document.py   the file, put together; offered.py: what it takes
sections.py   one result in it: what was asked, chart, numbers, images, protocol
tables.py     numbers as people read them
charts.py     Plotly and its figures within the file (charts.js draws them, report.css is how all looks)
report_images.py   images within the file, without loss; room.py: how much still fits
block.py      the same for machines: the request and the numbers as JSON, written and read
plain.py      a request as JSON; images.py: its images
words.py      what each study is called, and what it asks
"""

from robust_core.report.document import write

__all__ = ["write"]
