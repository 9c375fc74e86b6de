"""The words that are the same on every page."""

import re

import streamlit as st

from robust_core.models.spec import Preprocess

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$<>:])")

HOW_TO_READ = {
    "what_if": (
        "Each model gets the picture prepared exactly as its publisher prescribes and answers with a probability for every class it knows. "
        "The bars are the five best. **Entropy** says how undecided the model is: 0 bits when it is certain, at most log₂ of the number of "
        "classes (9.97 bits for 1,000). The **16 categories** are the entry-level names (dog, car, …) used for comparing models with people; "
        "207 of the 1,000 classes belong to one of them, and the two published rules for reading them can differ. A probability is the "
        "model's own confidence, not the chance that it is right.\n\n"
        "**Corruption** and **severity** are those of ImageNet-C, computed live on the picture at the model's input size; the stored benchmark "
        "went through JPEG as well, so its numbers differ. All severities share the random draws of the **seed**. The **fingerprint** shows the "
        "probability of the true label (of the clean answer, where the label is unknown) under the benchmark's 15 corruptions. A **sequence** "
        "of ImageNet-P changes the picture little by little; a *flip* is a change of label, compared with the first frame for noise and with "
        "the previous frame otherwise, as published."
    ),
    "pgd_steps": (
        "PGD changes a picture a little at each step, always in the direction that hurts the model most, and never by more than ε. Each model "
        "is attacked through its own gradients (white-box). A line is the share of pictures that still count as correct after that many steps, "
        "its band the 95 % Wilson interval, the large point the clean pictures. One run gives the whole line. **Accuracy under PGD-k is an "
        "upper bound on robust accuracy**: a stronger attack can only lower it. *Last iterate* looks at the k-th picture alone, *worst so far* "
        "at all up to the k-th. *Orhan 2019* is the published protocol: targeted at a random class, step 2/255, ε 0.06 = 15.3/255, stops at success."
    ),
    "models": (
        "One row per set of weights. *Training* matters more to robustness than architecture: that is the paper's point. Accuracies are the "
        "publishers' own (PUBLISHED), with their source below the table; nothing on this page was measured here. Choose a row to see its facts, "
        "to download its weights, to check them against the published hash, or to remove them."
    ),
}


def show_how_to_read(page: str) -> None:
    """The expander at the top of `page` that says how to read what is on it."""
    with st.expander("How to read this", icon=":material/help:"):
        st.markdown(HOW_TO_READ[page])


def plain(text: str) -> str:
    """`text` with everything escaped that Markdown would read as more than text."""
    return MARKDOWN.sub(r"\\\1", text)


def preprocessing(preprocess: Preprocess) -> str:
    """What happens to a picture before a model sees it, in one line."""
    resize = f"shorter side to {preprocess.resize} px ({preprocess.interpolation}), " if preprocess.resize else ""
    mean, std = (" ".join(f"{value:g}" for value in values) for values in (preprocess.mean, preprocess.std))
    return f"{resize}centre {preprocess.crop} px; mean {mean}, std {std}"


def seconds(duration_seconds: float) -> str:
    """A duration for people: milliseconds below a second."""
    return f"{1000 * duration_seconds:.0f} ms" if duration_seconds < 1 else f"{duration_seconds:.1f} s"
