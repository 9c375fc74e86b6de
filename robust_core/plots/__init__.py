"""Plotly figures made from values and results; nothing here knows Streamlit.

Reading the code? In this order:

charts.py        top predictions, accuracy against steps and eps, the corruption grid, and what all figures share
attack_bars.py   what attacks leave, with intervals; curves over ε and over passes
log_axes.py      a logarithmic axis with plain numbers
heat_maps.py     the cells of a heat map, with numbers that can be read on any colour
change_charts.py one smallest change among others, and accuracy left at every ε
edit_charts.py   accuracy against what was done to the object; cutout_chart.py: a photo with its object outlined
concept_charts.py  how much concepts count, and what is left without them
probe_charts.py  accuracy of linear probes against the ε of training
frontier_chart.py  what mixes keep clean against what they keep under attack
query_charts.py  distance against queries, on two log axes
proof_charts.py  proof and attack against the radius, and the two ends of each image
board_charts.py  the Benchmarks page: dots, bars, curves and heat maps of rows
accuracy_maps.py heat maps of fractions with an interval each, which may still be filling
cue_axis.py      the axis from texture to shape, and the matrix of decisions
glasses_charts.py  shares against the strength of a filter
map_images.py    attribution maps as colours over the image, for the eye
confidence_charts.py   reliability diagrams, and the scores of known and unknown images
vote_charts.py   what a class has bet, with models beside
claim_bars.py    the bars of the paper's claims
stacked_bars.py  bars cut into shares, such as errors by kind
plotly_bundle.py Plotly's own script for the browser
results.py       figures of the front door's results, made from their frames
"""
