"""The words that are the same on every page."""

import re

import streamlit as st

WORD_JOINER = "\u2060"  # invisible, and no part of any word
# What Streamlit replaces by images and arrows in text whose escapes are gone already, so that a backslash does not
# help: ":star:", " -> ".
REPLACED = re.compile(r":(?=material/|[\w+-]+:)|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)")
# What Markdown and Streamlit's directives read as more than text in a line; some of it only at the beginning.
MARKDOWN = re.compile(r"(?=[\\`*_\[\]~$<])|(?=:[^\W\d_])|(?=&#?\w+;)|^(?=[-+=>#])|^(\d+)(?=[.)])")
# An address that becomes a link by itself: it reaches to the next space, a closing quotation mark included, and a
# backslash in it stays there.
ADDRESS = re.compile(
    r"((?<![a-zA-Z])(?:https?://|(?<![^\s(])www\.)[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*(?!\.?[\w-])[^\s<”’»]*)"
)
HAIR_SPACE = "\u200a"
VOWEL = re.compile(r"(?!uni|use|eu|one)[aeiouε]", re.IGNORECASE)  # how a noun begins that takes "an"

BADGES = {  # where a number comes from: computed a moment ago, computed before, or somebody's publication
    "live": ":green-badge[:material/bolt: LIVE]",
    "cached": ":violet-badge[:material/inventory_2: CACHED]",
    "published": ":blue-badge[:material/menu_book: PUBLISHED]",
}

OTHER_TRAINING = (
    "An interval is about other images of the same kind; what another training of the same network "
    "would give, it does not say."
)

HOW_TO_READ = {
    "story": (
        "Every card is one claim of the paper (Orhan 2019) with the numbers that were published for it. Behind the "
        "badge **PUBLISHED** stand the "
        "protocol, the number of images **n** and the source. Whiskers are 95% intervals, where a number "
        "is a share of n images; most "
        "are narrower than the line. A model has the same colour on every page: grey is trained on ImageNet alone, "
        "blue is weakly supervised (WSL), "
        "trained on tagged images first. **See it live** opens, in a new tab, the page where you can try it, in "
        "the sidebar's world; it computes "
        "nothing long before you press its button. At the top, the sidebar's models predict "
        "the sidebar's image, now. The world **Mini** illustrates a mechanism and is no evidence. "
        "**All numbers** opens the published rows."
    ),
    "what_if": (
        "Each model gets the image prepared exactly as its publisher prescribes and returns a probability for "
        "every class it knows. "
        "The bars are the five best. **Entropy** says how undecided the model is: 0 bits when it is certain, at most "
        "log₂ of the number of "
        "classes (9.97 bits for 1,000). The **16 categories** are the entry-level names (dog, car, …) used for "
        "comparing models with people; "
        "207 of the 1,000 classes belong to one of them, and the two published rules for reading them can differ. A "
        "probability is the "
        "model's own confidence, not the chance that it is right.\n\n"
        "**Corruption** and **severity** are those of ImageNet-C and ImageNet-C-bar, computed live on the image at the "
        "model's input "
        "size. The stored sets were cropped to 224 px before and saved as JPEG of quality 85, which a switch adds; "
        "their numbers still differ. All severities share the random draws of the **seed**. The "
        "**corruption grid** shows the "
        "probability of the true label (of the clean prediction, where the label is unknown) under the 15 "
        "corruptions of ImageNet-C or the 10 of ImageNet-C-bar. A **sequence** "
        "of ImageNet-P changes the image little by little; a *flip* is a change of label, compared with the first "
        "frame for noise and with "
        "the previous frame otherwise, as published.\n\n"
        "**Calibration** compares confidence with accuracy, bin by bin. A **temperature** divides the logits; it "
        "changes confidence and no prediction. **NLL** is the mean negative log-likelihood of the true class, the "
        "**Brier score** the squared error of all probabilities. **Unknown images** are told apart by a score: the "
        "largest softmax probability, the largest logit, or the energy. **AUROC** is the area under the curve of true "
        "against false positives. **FPR95** is the rate of false positives at 95% true ones. **AUPR** is the area "
        "under precision over recall."
    ),
    "pgd_steps": (
        "- Each step changes every pixel in the direction that most increases the loss, to first order, and never by "
        "more than ε. Each model is attacked through its own gradients (white-box).\n"
        "- A line is the accuracy after that many steps, its band the 95% Wilson interval. **Accuracy under PGD-k is "
        "an upper bound on robust accuracy**: a stronger attack can only lower it.\n"
        "- Space plays, the arrow keys step. A triangle marks the step at which the prediction for the image flips. "
        "Click a point of a curve to list the images that survived or fell there.\n"
        "- *Last iterate* counts the k-th step alone; by *any step so far* an image counts only if no step up to k "
        "fooled the model. *Orhan 2019* is the published protocol: targeted at a random class, step 2/255, ε 0.06 = "
        "15.3/255, stops at success.\n"
        "- **Check this attack** tries other attacks on the images that it leaves: what they break, it missed. "
        + OTHER_TRAINING
    ),
    "shape_or_texture": (
        "- A **cue-conflict** image has the shape of one category and the texture of another. **Shape bias** is shape "
        "decisions as a fraction of shape and texture decisions.\n"
        "- **Coverage** is the share of images decided by either cue. Do not trust shape bias when coverage is low. "
        + OTHER_TRAINING
        + "\n"
        "- Two published rules map 1,000 classes to 16 categories: the *best of the 207 mapped classes* (Orhan 2019) "
        "and the *mean probability per category* (Geirhos et al. 2021). The two can disagree. There are no human data "
        "for Mini."
    ),
    "attributions": (
        "- Orange speaks **in favour** of the class, blue **against** it, white for neither. Maps of different methods "
        "have different units and never share a scale.\n"
        "- The mark above a map sums up its checks: *passed*, *doubtful*, *failed* or *not checked yet*. **Figures** "
        "shows every number with its limits and sources. A map that passes can still be wrong.\n"
        "- **Check these maps** measures what covering squares does, and how much a map changes when the image hardly "
        "does. It then compares each map with random maps of equal smoothness. **Randomise the network** asks whether "
        "the map shows what the network learned."
    ),
    "features": (
        "- Each step moves every pixel value by 1/255, in the direction that most increases the class or feature, to "
        "first order. It is the attack of the PGD page, without an effective limit.\n"
        "- The curve is the cross-entropy with the target: 0 means that the network is sure. An adversarially trained "
        "network often needs visible changes; a standard network is often sure while the image hardly changes.\n"
        "- A **feature** is one input to the final linear layer. An image that excites it is one of many; the start "
        "decides which one is found. **Input gradient** shows what a prediction is sensitive to."
    ),
    "benchmarks": (
        "Every number wears **PUBLISHED** (as its source states it) or **CACHED** (computed by this project's "
        "runner), with its protocol, the "
        "number of images **n**, and a 95% interval with its method where one is known. **Protocols are "
        "never mixed**: images stored as "
        "JPEG are not those corrupted live, the best of 200 classes is not the best of 1,000, and one publisher's "
        "AlexNet is not another's. So a "
        "board is of one protocol, and an axis names its own. **CE** is a model's error relative to AlexNet's, in "
        "percent, and **mCE** its mean over "
        "15 corruptions; **FR** and **mFR** the same of flips in frame sequences. **RMS calibration error** says "
        "how far confidence is from accuracy, **AURRA** "
        "how accurate the more confident predictions are. Accuracy under PGD is an upper bound on robust accuracy. "
        "**Effective robustness** is the "
        "distance from the line that accuracy alone predicts, fitted in logit axes (Taori et al. 2020). **ReaL "
        "accuracy** counts a prediction as right when it is among all classes that people found in the image (Beyer "
        "et al. 2020), **multi-label accuracy** the same by other labels and as a mean over classes (Shankar et al. "
        "2020). "
        "**AUROC** is how well a score tells images of other classes (OOD, out of distribution) from ImageNet's. "
        + OTHER_TRAINING
    ),
    "models": (
        "One row per set of weights. *Training* matters more to robustness than architecture: that is the paper's "
        "point. Accuracies are the "
        "publishers' own (PUBLISHED), with their source below the table; nothing on this page was measured here. "
        "Choose a row to see its facts, "
        "to download its weights, to check them against the published hash, or to remove them."
    ),
}


def show_how_to_read(page: str) -> None:
    """The expander at the top of `page` that says how to read what is on it."""
    with st.expander("How to read this", icon=":material/help:"):
        st.markdown(HOW_TO_READ[page])


def plain(text: str) -> str:
    """`text` so that `st.markdown` and every label show it as it is, on one line, without control and text-direction
    characters.

    An address in it stays whole, so that it can be followed and copied; a hair space keeps a closing quotation mark out
    of it.
    """
    visible = "".join(
        character for character in " ".join(text.splitlines()) if character.isprintable() or character.isspace()
    )
    first, *rest = ADDRESS.split(visible)
    spaced = (
        f"{address}{HAIR_SPACE if after[:1] in tuple('”’»') else ''}{_escaped(after)}"
        for address, after in zip(rest[::2], rest[1::2], strict=True)
    )
    return _escaped(first) + "".join(spaced)


def _escaped(text: str) -> str:
    return MARKDOWN.sub(r"\1\\", REPLACED.sub(rf"\g<0>{WORD_JOINER}", text))


def a(noun: str) -> str:
    """`noun` with its article: "a model", "an axis", "a unit"."""
    return f"{'an' if VOWEL.match(noun) else 'a'} {noun}"


def count(n: int, noun: str) -> str:
    """How many of what: "1 step", "2 steps", "1,024 images"; the plural has an s."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def computed_now(device: str) -> str:
    """Where and in which precision, such as "Computed now on CPU in float32"."""
    return f"Computed now {on_device(device)}"


def on_device(device: str) -> str:
    """The same within a sentence: "on CPU in float32", "on CUDA in float32 (convolutions in TF32)"."""
    from robust_core.models.device import precision  # brings torch, which whatever computed has brought

    return f"on {device.upper()} in {precision(device)}"


def bounded(estimate: float, low: float, high: float, form: str) -> str:
    """A number with the bounds of its interval, each written by `form`, such as "66.3% [64.1%, 68.5%]"."""
    return f"{estimate:{form}} [{low:{form}}, {high:{form}}]"


def seconds(duration_seconds: float) -> str:
    """A duration for people: milliseconds below a second."""
    return f"{1000 * duration_seconds:.0f} ms" if duration_seconds < 1 else f"{duration_seconds:.1f} s"
