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
    "smallest_change": (
        "- **ε** is the length of the smallest change that fools the model: in L∞ the largest change of any value "
        "(255ths), in L2 the root of the summed squares. Several searches look for it (fast minimum norm, decoupled "
        "direction and norm, PGD by bisection); the best counts, once the model has confirmed it. It is an **upper "
        "bound**: a smaller change may exist.\n"
        "- **One image.** The percentile is the fraction of reference images that take at least as long a change to "
        "break, with its interval. Few references make a wide one. Images that the model gets wrong when clean are "
        "left out, and one that no search broke is only known to take more.\n"
        "- **Many images.** A security curve is the accuracy left at every ε, from one run. Its band is Wilson’s 95% "
        "interval at one ε; the median’s interval assumes no distribution. **By queries.** HopSkipJump, Boundary and "
        "CGBA see the predicted class alone. A curve is the median L2 "
        "distance of the nearest image known to fool the model after so many queries; lower is nearer. Attacks that "
        "see gradients find smaller changes."
    ),
    "what_if": (
        "- Bars show each model's top five classes. A probability is the model's own confidence, not the chance that "
        "it is right. **Entropy** is 0 bits when the model is certain.\n"
        "- **Corruptions** are those of ImageNet-C and ImageNet-C-bar, computed live at the model's input size. The "
        "published sets were stored as JPEG, so their numbers differ. **Move the object** and **Edited objects** draw "
        "a scene of Mini again with nothing else changed. From a photo they cut the object out and paste it back; that "
        "alone is the **control**, from which changes are counted.\n"
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
    "compare_attacks": (
        "- **What an attack leaves** is the share of images that are still predicted correctly at the worst image that "
        "it finds within ε. It is an **upper bound on robust accuracy**: a stronger attack can only lower it, and the "
        "gap between PGD and AutoAttack shows how much a weak attack flatters.\n"
        "- **All of them** counts an image as correct only if no attack in its ball breaks it. The bars are 95% Wilson "
        "intervals; the gap is paired, on the same images (Newcombe's interval; McNemar's exact test is stricter).\n"
        "- **Cost**: images that go through the model, forward and backward, per image attacked. An attack knows the "
        "model's *gradients*, or its *scores* alone, or only its *decisions*. **In 8 bits** is what is left once an "
        "attacked image is stored in a file. An attack that looks for the smallest change gives the whole curve over ε "
        "in one run. **Transfer**: the row's model is attacked, the column's judges; compare with **Under noise**, as "
        "a fragile model falls to any change. **Severity × ε**: corrupted, then attacked around the corrupted image. "
        + OTHER_TRAINING
    ),
    "break_a_defence": (
        "- **What happens.** A defence changes the image, the logits or the training. The naive attack follows the "
        "cross-entropy through it as it is; adaptive ones know of it. All of them have the same images, the same ε and "
        "the same number of steps.\n"
        "- **What is drawn.** A line is the share of images that are still right after so many steps, in the "
        "attacker's eyes, its band the 95% Wilson interval. What counts in the end is said below: the defended model "
        "judges what each attacker hands in, by the vote of new draws where it is randomised.\n"
        "- **Fake** defences spoil gradients; **honest** ones keep something against attackers who know of them. What "
        "is left is an upper bound on robust accuracy: a stronger attack can only lower it. " + OTHER_TRAINING
    ),
    "mixing_desk": (
        "- **What is mixed.** *Probabilities* and *logits*: every model predicts, and their outputs are averaged with "
        "the weights α. *Weights*: the parameters are averaged, and one network predicts. At α = 0 and 1 a model is "
        "itself, bit for bit. All models see one grid of pixels, the first model's input size.\n"
        "- **What is drawn.** A dot is one mix, its bars the 95% Wilson intervals both ways; the ring is the mix that "
        "the slider names. Above the dotted line a mix keeps more than the straight way from one model to the other. "
        "The attack goes through the mixture itself, and what it leaves is an **upper bound on robust accuracy**.\n"
        "- **Gains** over a model alone are paired, on the same images (Newcombe's 95% interval), in percentage "
        "points. The best of several mixes looks better than it is on new images. " + OTHER_TRAINING
    ),
    "transfer_learning": (
        "- **Linear probe**: the network stays as it is, and a linear classifier learns the new classes from what its "
        "last layer reads. No image is predicted by a probe that has seen it. The dotted line is **chance**.\n"
        "- **ε** is how large the attacks in a network's training were; at 0 there were none. The paper finds that "
        "some ε above 0 transfers best, and which one depends on the data set. Differences are paired, on the same "
        "folds.\n"
        "- **Fine-tuning** trains all weights of a copy. **CKA** compares features: 1 is the same up to rotation and "
        "scale, 0 is unrelated. " + OTHER_TRAINING
    ),
    "proof_and_attack": (
        "- **Certified** counts an image at a radius if the smoothed classifier is right and provably stays so. A "
        "radius is wrong with probability at most α for each image; an abstention counts as not certified. More draws "
        "prove more: the dotted line is as far as so many can reach.\n"
        "- **Not broken** counts it if no change within the radius was found that takes the smoothed classifier to "
        "another class. A change counts where PREDICT, on fresh draws of noise, returns that class, and not where it "
        "abstains; it is wrong with probability at most α, too.\n"
        "- **A change within the certified radius** would be an alarm, which chance sets off with probability at most "
        "2α for an image. " + OTHER_TRAINING
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
    "glasses": (
        "- **Glasses** are a filter between the image and the network: nothing is trained anew. A length counts pixels "
        "of the model's input, so that 1 px hides more of an image of 64 px than of one of 224 px. The slider shows "
        "what the model sees.\n"
        "- **Shape bias** is shape decisions as a fraction of shape and texture decisions, **coverage** the share of "
        "stimuli decided for either cue. A network that guesses covers 12.5%, and has a shape bias of 50%: where "
        "coverage comes near the dotted line, shape bias says nothing.\n"
        "- **Corrupted images** are corrupted first and then seen through the glasses. Bands are 95% intervals; the "
        "best of several strengths was chosen on the same images, and flatters a little. " + OTHER_TRAINING
    ),
    "attributions": (
        "- Orange speaks **in favour** of the class, blue **against** it, white for neither. Maps of different methods "
        "have different units and never share a scale.\n"
        "- The mark above a map sums up its checks: *passed*, *passed so far*, *doubtful*, *failed* or *not checked "
        "yet*. **Figures** shows every number with its limits and sources. A map that passes can still be wrong.\n"
        "- **Check these maps** measures what covering squares does, and how much a map changes when the image hardly "
        "does. It then compares each map with random maps of equal smoothness. **Randomise the network** asks whether "
        "the map shows what the network learned."
    ),
    "concepts": (
        "- **Concepts.** Nine crops of each image go through the network. The activations of its last layer with "
        "places become sums of a few concepts, none negative (CRAFT, Fel et al. 2023). A concept has no name: its "
        "strongest crops show what it is.\n"
        "- **Importance** is the share of the logit’s variance that depends on the concept when all are weakened at "
        "random. It has no sign, so look at the effect too. If importance is faithful, the class is lost sooner in its "
        "order than in random order.\n"
        "- **Are they real?** Two halves of the images should agree. In Mini the object is known: how much of the heat "
        "is on it, and what does another texture leave? Each value of the last layer sees more of the image than its "
        "own place. The paper’s split into smaller concepts is left out. " + OTHER_TRAINING
    ),
    "features": (
        "- Each step moves every pixel value by 1/255, in the direction that most increases the class or feature, to "
        "first order. It is the attack of the PGD page, without an effective limit.\n"
        "- The curve is the cross-entropy with the target: 0 means that the network is sure. An adversarially trained "
        "network often needs visible changes; a standard network is often sure while the image hardly changes.\n"
        "- A **feature** is one input to the final linear layer. An image that excites it is one of many; the start "
        "decides which one is found. **Input gradient** shows what a prediction is sensitive to."
    ),
    "layer_biases": (
        "- **Roughness** (total variation): how much neighbours differ, relative to the same values in random order. 1 "
        "is as rough as chance, 0 is flat; scale does not matter, so that networks can be compared.\n"
        "- **Noise that passes**: what the noise changes, relative to the layer's own variation, as a percentage of "
        "that at the input. 100% lets noise through as well as the image; more amplifies it. **Silent**: values of "
        "zero or less.\n"
        "- A unit **answers to** a class if its mean activation for it is at least half of that for its favourite. Few "
        "images of a class make this number smaller and uncertain. " + OTHER_TRAINING
    ),
    "cue_removal": (
        "- **Scrambled** keeps the texture of every patch and takes the shape. **Silhouette**, **two tones** and "
        "**edges** keep the shape and take texture and colour.\n"
        "- **Stylised**: the same scene, its object in the texture of another category. It and the silhouette need "
        "what only Mini knows of its scenes; photos go without.\n"
        "- Whiskers are 95% Wilson intervals. Differences between two models are paired, on the same images "
        "(Newcombe). " + OTHER_TRAINING
    ),
    "gradient_alignment": (
        "- **With edges**: the cosine of the gradient's size, summed over colours, with the steepness of the image "
        "(Sobel). Both are nowhere negative, so that chance alone gives more than 0: compare with the grey bars.\n"
        "- **Between models**: the cosine of two signed gradients on the same image. 1 is the same direction, 0 has "
        "nothing in common.\n"
        "- Each model's gradient is that of the class that it predicts, which may be another one. " + OTHER_TRAINING
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
    "lesson": (
        "- **Start a class** gives a code of five letters. Students open the address or the QR code on a phone and "
        "bet; no account, no name, nothing stored.\n"
        "- **Lock** stops the bets, **Reveal** shows the class beside the models. You see no bets before that, only "
        "how many there are. **Next** moves every phone.\n"
        "- The class lives in this server's memory. When it ends, or the server stops, votes and seats are gone: take "
        "the votes as CSV before."
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


def labels_known(known: int, n: int) -> str:
    """Of how many of `n` images the label is known, and what counts elsewhere, in a sentence."""
    otherwise = "the model's own clean prediction counts."
    if not known:
        return f"No label is known; {otherwise}"
    if known == n:
        return "The label is known." if n == 1 else f"All {n:,} labels are known."
    return f"{known:,} of {n:,} labels {'is' if known == 1 else 'are'} known; elsewhere {otherwise}"


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
