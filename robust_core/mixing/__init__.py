"""One classifier made of two or three. Read table, outputs, weights, mixtures, in this order.

table.py      how models can be mixed, and how much of each
outputs.py    what they say is mixed: probabilities, or logits
weights.py    what they have learnt is mixed: the average of their weights, with its own batch-norm statistics
mixtures.py   a mixture of loaded models as a loaded model, which an attack goes through
"""
