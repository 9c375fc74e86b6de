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

OTHER_TRAINING = "An interval covers other images of this kind, not another training of the same network."

HOW_TO_READ = {
    "story": (
        "- Left: one claim of Orhan 2019 in published numbers. Each **PUBLISHED** badge is followed by source and n; "
        "the protocol is one click away.\n"
        "- Right: the same question in **Mini**, small networks on synthetic images. It illustrates a mechanism; it is "
        "not evidence. **Run it now** computes it live.\n"
        "- Whiskers are 95% intervals. Grey is trained on ImageNet alone, blue is WSL (pre-trained on tagged images), "
        "orange is adversarially trained."
    ),
    "what_if": (
        "- Bars show each model's top five classes. A probability is the model's own confidence, not the chance that "
        "it is right. **Entropy** is 0 bits when the model is certain.\n"
        "- **Corruptions** are those of ImageNet-C and ImageNet-C-bar, computed live at the model's input size. The "
        "published sets were stored as JPEG, so their numbers differ.\n"
        "- **16 categories** (dog, car, …) compare models with people. They cover 207 of the 1,000 classes, and the "
        "two published mappings can disagree."
    ),
    "pgd_steps": (
        "- **What happens.** Each step changes every pixel a little, in the direction that most increases the loss, to "
        "first order. No pixel changes by more than ε. Every model is attacked through its own gradients (white-box).\n"
        "- **What is drawn.** A line is the accuracy after that many steps, its band the 95% Wilson interval. It is an "
        "**upper bound on robust accuracy**: a stronger attack can only lower it. A triangle marks the step at which "
        "the prediction for the image changes. Space plays, the arrow keys step, and a click on a curve lists the "
        "images.\n"
        "- **What counts.** By *any step so far* an image counts only if no step has fooled the model; *last iterate* "
        "looks at the last step alone. *Orhan 2019* is the published protocol: a random target class, ε 0.06 = "
        "15.3/255, step 2/255. **Check this attack** tries other attacks on the images that are left. An attack stops "
        "early when no image is left and none can come back. " + OTHER_TRAINING
    ),
    "shape_or_texture": (
        "A **cue-conflict** image has the shape of one category and the texture of another. A model votes for the "
        ":violet[**shape**], for "
        "the :orange[**texture**], or for **neither**. **Shape bias** = shape / (shape + texture): how often the "
        "shape wins where one of the "
        "two does. **Coverage** is the share of images where one of the two does; a shape bias with little coverage "
        "says little. Two published "
        "rules read 1,000 classes as 16 categories: the *best of the 207 mapped classes* (Orhan 2019; it favours dog "
        "and bird, which have 109 and "
        "49 classes), and the *mean probability per category* (Geirhos et al. 2021). Numbers of different rules are "
        "not compared. The published "
        "images are 224 × 224 px and are never resized here, since that changes the votes. **Remove a cue** to "
        "see what a model leans on: a "
        "silhouette has no texture, scrambled patches have no shape. In Mini no people were measured. " + OTHER_TRAINING
    ),
    "attributions": (
        "A map colours what speaks **in favour** of the class (orange) or **against** it (blue); white is nothing. "
        "Maps of different methods have different units and never share a scale. A convincing map can still be wrong, "
        "so each can be checked; a map that fails a check is greyed with the reason. **Completeness gap**: how much "
        "the map's sum misses the change of the score that it should explain; small is good. **Draws**: a method that "
        "draws at random goes on until the correlation with the map of another seed is 0.8. **Infidelity** "
        "(Yeh et al. 2019): how far the map's numbers miss the fall of the score when squares are covered; 0 is best, "
        "1 is as good as a map of zeros. **Sensitivity**: how much the map changes, relative to its size, when no "
        "pixel moves by more than 5/255; near 0 is steady. **Insertion** and **deletion**: the class's probability as "
        "pixels appear on the blurred image, or turn grey, most important first. They count only beside random maps "
        "of the same grain (thin grey lines), as covering alone already hurts: with 19 of them, a map that beats all "
        "has p = 0.05. **Randomise the network**: a map that stays the same when layers are randomized does not show "
        "what the network learned."
    ),
    "features": (
        "A **feature** is one of the numbers that the last layer reads: 2,048 in a ResNeXt-101, 256 in Mini's "
        "networks. Starting from "
        "an image or from noise, every value of the image moves by 1/255 at each step, in the direction that "
        "raises the chosen feature, or "
        "class, against all others: the same attack as on the PGD page, with no limit on how far it goes. The "
        "**curve** is what the ascent "
        "lowers: the cross-entropy with the target, 0 when nothing but the target counts. Features are no logits, so "
        "that the paper's objective "
        "can be met by lowering the others; **Feature alone** raises the activation itself. An image that excites a "
        "unit is not what the unit "
        "“means”: many other images excite it as well, and the start decides which one is found. **Fool from "
        "noise** stops as soon as a network "
        "is more than 99% certain of a class that no one can see in the image. An **input gradient** shows in one "
        "pass which values of a "
        "image would raise or lower the score of the prediction; compare standard with adversarially trained networks."
    ),
    "benchmarks": (
        "- Every number is marked **PUBLISHED** (as its source states it) or **CACHED** (computed by this project's "
        "runner). With it come protocol, number of images **n**, source and, where known, a 95% interval. Each "
        "leaderboard and axis uses **one protocol**: AlexNet baselines, cropping and JPEG differ between papers.\n"
        "- **Accuracies**: top-1 counts the predicted class alone. ReaL accuracy (Beyer et al. 2020) also counts other "
        "classes that people found in the image; multi-label accuracy (Shankar et al. 2020) does so by other labels, "
        "as a mean over classes. Accuracy under PGD is an upper bound on robust accuracy. **Effective robustness** is "
        "the distance from the line that accuracy alone predicts (Taori et al. 2020).\n"
        "- **Errors**: CE is the error as a percentage of AlexNet's, mCE its mean over 15 corruptions; FR and mFR are "
        "the same for label flips in sequences. RMS (root mean square) calibration error compares confidence with "
        "accuracy; AURRA is the accuracy of the more confident predictions. AUROC is how well a score separates images "
        "of unknown classes (OOD, out of distribution) from ImageNet's."
    ),
    "models": (
        "- **Ready** models predict at once; the others need a download. Select a row to see its facts, to download or "
        "verify its weights, or to remove them.\n"
        "- **Training** matters more to robustness than architecture: that is the paper's point. Colours are the same "
        "on every page.\n"
        "- Accuracies are **PUBLISHED**, with their source under the selected model. We measured none of these numbers."
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
