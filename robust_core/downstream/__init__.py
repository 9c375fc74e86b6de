"""What a network has learnt that helps with other classes: transfer learning, measured on the features that its last
linear layer reads. (Transfer of attacks is another matter: studies/transfer_matrix.py.)

probe.py        a linear probe on features that are computed once: cross-validation and learning curve
resampled.py    how sure an accuracy over folds or draws is, which share images
cka.py          how alike two networks' features are, linear CKA
fine_tuning.py  all weights trained on, on a copy

scikit-learn is imported by the functions that need it, as no page waits for it.
"""
