"""All commands as a table: what each is called, what it does, which options it takes, and the function that does it.

No command is imported before it runs, so that help comes at once. A new command is a row of COMMANDS.
"""

import importlib
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robust_core.attacks.precision import PRECISIONS as ATTACK_PRECISIONS
from robust_core.attacks.table import ATTACKS, NORM_TITLES
from robust_core.cli.options import (
    CORRUPTION,
    DEVICE,
    EPS,
    IMAGES,
    MODEL,
    OUT,
    SEED,
    SEVERITY,
    TO,
    N,
    Option,
    option,
    switch,
)
from robust_core.edits.object_edit import KINDS

# What other modules know too, which would have to be imported first; a test compares.
METHODS = (
    *(
        "saliency",
        "input_x_gradient",
        "integrated_gradients",
        "smoothgrad",
        "vargrad",
        "guided_backprop",
        "deeplift",
        "gradient_shap",
    ),
    *("occlusion", "superpixel_ablation", "grad_cam", "guided_grad_cam", "rise"),
)
TASKS = ("new_shapes", "new_surfaces")
FILTERS = ("blur", "high_pass", "grey", "low_resolution")
INTERPOLATIONS = ("bilinear", "bicubic", "nearest", "lanczos")
SCORING_RULES = ("last_iterate", "any_step_so_far")
PRECISIONS = ("float32", "bfloat16")
RECORDED = (
    "predictions_imagenet",
    "predictions_mini",
    "pgd_imagenet",
    "pgd_mini",
    "attacks_imagenet",
    "attacks_mini",
    "over_eps_mini",
    "transfer_imagenet",
    "transfer_mini",
    "plane_imagenet",
    "plane_mini",
    "mixing_imagenet",
    "mixing_probabilities_mini",
    "mixing_logits_mini",
    "mixing_weights_mini",
    "references_imagenet",
    "references_mini",
    "change_imagenet",
    "change_mini",
    "queries_imagenet",
    "queries_mini",
    "votes_mini",
    "glasses_blur_mini",
    "glasses_high_pass_mini",
    "glasses_grey_mini",
    "glasses_low_resolution_mini",
    "glasses_corruption_mini",
    "glasses_corruption_imagenet",
    "features_imagenet",
    "features_mini",
    "biases_imagenet",
    "biases_mini",
    "cues_imagenet",
    "cues_mini",
    "alignment_imagenet",
    "alignment_mini",
    "concepts_imagenet",
    "concepts_mini",
    "probe_new_shapes",
    "probe_new_surfaces",
    "similarity_new_shapes",
    "similarity_new_surfaces",
    "fine_tuning_new_shapes",
    "fine_tuning_new_surfaces",
    "maps_imagenet",
    "maps_mini",
    "defence_none_imagenet",
    "defence_logits_x100_imagenet",
    "defence_jpeg_imagenet",
    "defence_none_mini",
    "defence_logits_x100_mini",
    "defence_rounded_logits_mini",
    "defence_jpeg_mini",
    "defence_bit_depth_mini",
    "defence_median_mini",
    "defence_resize_and_pad_mini",
    "defence_distilled_1_mini",
    "defence_distilled_20_mini",
    "defence_distilled_100_mini",
    "defence_adversarial_training_mini",
    "defence_smoothing_mini",
    "hero",
    "steps_mini",
    "proof_mini",
    "snow_mini",
    "sequence_mini",
    "hard_mini",
    "mistaken",
    "fog_imagenet",
)
EXECUTORS = ("process", "ray")
MIX_KINDS = ("probabilities", "logits", "weights")
UNKNOWN_KINDS = ("uniform_noise", "gaussian_noise", "constant_colours", "blobs")
SPLITS = (
    "train",
    "stream_plain",
    "stream",
    "stream_atypical",
    "stylised",
    "test",
    "test_wide",
    "conflict",
    "test_hard",
)

DOWNLOAD_STOPPED = "Stopped. What came of a download is kept for the next attempt."
RUN_STOPPED = "Stopped. Finished units are kept; the same command goes on from there."

LABELLED = IMAGES.but("labelled: a data set, or <wnid>/<image> as ImageNet has it", required=True)
LESSON = option("--lesson", "a lesson's file (default: the one that comes with the project)", type=Path, metavar="FILE")
BEST_DEVICE = DEVICE.but("default: that of ROBUST_LAB_DEVICE, else the best there is")
CPU = DEVICE.but("default: that of ROBUST_LAB_DEVICE, else cpu")
OF_WORLD = (
    MODEL.but("of one world"),
    IMAGES.but("labelled; default: Foolbox's; Mini models get synthetic ones"),
    N.but("or all where there are fewer", default=64),
)
OWN_CLASSES = IMAGES.but("a subfolder for each class, five images each at least; default: a task of Mini")
TASK = option("--task", "classes that no model of Mini was trained on", choices=TASKS, default=TASKS[0])
ANY_MODEL = MODEL.but("default: all", required=False)
EXPERIMENT = option(
    "--experiment", "keys of experiments; `benchmark list` shows all", nargs="+", metavar="KEY", required=True
)
ANY_EXPERIMENT = EXPERIMENT.but("default: all", required=False)
STORE = option("--store", "the folder of the runs", type=Path, metavar="DIR")
OWN_STORE = STORE.but("default: cache/runs/benchmarks")
ATTACK = option("--attack", f"attacks, of {', '.join(ATTACKS)}", nargs="+", metavar="ATTACK")
NORM = option("--norm", "in which the attacks search", choices=tuple(NORM_TITLES), default="linf")
STEPS = option("--steps", "how many steps, or queries of an attack", type=int, metavar="N")
PRECISION = option(
    "--precision", "bfloat16 is faster where the processor has it", choices=PRECISIONS, default="bfloat16"
)
FILTER_PRECISION = PRECISION.but("of the filter model, if it has to be trained")
RUN = (
    MODEL.but("or `all`: those that are here"),
    EXPERIMENT.but("or `all`: those of the models' worlds"),
    option("--data", "the folder of the data sets (default: that of ROBUST_LAB_DATA)", type=Path, metavar="DIR"),
    option(
        "--image-set",
        "the title of a labelled set in that folder, in place of the experiment's own images",
        default="",
        metavar="TITLE",
    ),
    N.but("for each condition, drawn by the seed; default: all"),
    SEED.but("of the images that are drawn, and of attacks"),
    option(
        "--without", "leave published quirks out; `benchmark list` shows them", nargs="+", default=[], metavar="QUIRK"
    ),
    switch("--as-stored", "send images that are corrupted live through JPEG, as those of ImageNet-C were"),
    OWN_STORE,
    OUT,
)
IMPORT = (
    option("file", "a .pth, .safetensors or the like, in any container", type=Path, metavar="FILE"),
    option("--architecture", "such as resnet50, or timm:NAME with any name of timm's", required=True, metavar="NAME"),
    option("--key", "short name for the model: a-z, 0-9 and _", required=True, metavar="KEY"),
    option("--title", "name of the model for people", required=True, metavar="TEXT"),
    option(
        "--weights", "which to take of a file with both (default: the averaged ones, EMA)", choices=("plain", "ema")
    ),
    option(
        "--classes",
        "the classes, where they are not ImageNet's 1,000: a class per line in the order of the logits, or JSON",
        type=Path,
        metavar="FILE",
    ),
    option(
        "--mean",
        "one number or three (RGB), in units of 0 to 1, where it is not the architecture's",
        nargs="+",
        type=float,
        metavar="X",
    ),
    option("--std", "as --mean", nargs="+", type=float, metavar="X"),
    option("--size", "side of the input; the shorter side is resized to size / crop fraction", type=int, metavar="PX"),
    option("--crop-fraction", "such as 0.875 for the centre 224 of 256 px", type=float, metavar="F"),
    option("--interpolation", "of the resize, where it is not the architecture's", choices=INTERPOLATIONS),
)


@dataclass(frozen=True)
class Command:
    """One command: its words, the function as "module.function" within `robust_core.cli`, what is said when Ctrl-C
    stops it, and more help.
    """

    words: str
    function: str
    help: str
    options: tuple[Option, ...] = ()
    stopped: str = "Stopped."
    more: str = ""

    def load(self) -> Callable[[Namespace], int | None]:
        """The function that does it: it takes the options and returns an exit code, or None for 0."""
        module, _, name = self.function.rpartition(".")
        return getattr(importlib.import_module(f"robust_core.cli.{module}"), name)


COMMANDS = (
    Command(
        "app",
        "app.run",
        "open the dashboard",
        more="What stands behind it are options of Streamlit's, such as --server.port 8080.",
    ),
    Command("models list", "models.show", "show every model and whether its weights are here", (OUT,)),
    Command(
        "models download", "models.download", "get weights; what is here already is kept", (MODEL,), DOWNLOAD_STOPPED
    ),
    Command(
        "models verify",
        "models.verify",
        "read weights through and compare their SHA-256",
        (MODEL.but("default: all that are here", required=False),),
    ),
    Command("models import", "models.import_file", "add a weight file of your own as a model", IMPORT),
    Command("models remove", "models.remove", "delete downloaded or imported weights", (MODEL,)),
    Command(
        "models check",
        "models.check",
        "top-1, top-5 and ReaL accuracy on labelled images",
        (MODEL, LABELLED, BEST_DEVICE, OUT),
    ),
    Command("data list", "data.show", "show every data set with its parts, sizes and licence", (OUT,)),
    Command(
        "data fetch",
        "data.fetch_one",
        "download, check and unpack a data set, or say how to get it by hand",
        (
            option("key", "`data list` shows them", metavar="DATA-SET"),
            option("--part", "for a data set in parts; `data list` shows them", nargs="+", default=[], metavar="PART"),
            TO.but("default: that of ROBUST_LAB_DATA"),
            switch("--yes", "do not ask before downloading"),
            switch("--keep", "keep the archive after unpacking"),
        ),
        DOWNLOAD_STOPPED,
    ),
    Command(
        "attack",
        "attack.run",
        "accuracy under an L∞ attack (PGD): top-1 after 0 to N steps, one row for each model and eps; "
        "with --attack what each of several attacks leaves, and what it costs",
        (
            MODEL,
            IMAGES.but("labelled: a data set, or <wnid>/<image> as ImageNet has it; `mini` for Mini", required=True),
            N.but("or all where there are fewer", default=32),
            ATTACK.but("which are compared"),
            NORM,
            EPS.but("default: 0.1/255 0.25/255 1/255; with --attack it has to be named"),
            STEPS.but("default: 20; with --attack each one's own"),
            option("--step-fraction", "step size as a fraction of eps (default: 0.1)", type=float, metavar="F"),
            option("--start", "where the attack starts (default: clean)", choices=("clean", "random")),
            option(
                "--scoring",
                "which images count as correct after k steps (default: last_iterate)",
                choices=SCORING_RULES,
            ),
            option(
                "--attack-precision",
                "in which numbers an attack computes (default: float32_folded, as predictions are made); labels of "
                "bfloat16_float32_stem are judged in float32",
                choices=ATTACK_PRECISIONS,
            ),
            switch("--check", "also check whether the numbers can be believed, which takes about three times as long"),
            SEED.but("of the images that are drawn, and of random starts"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "mix",
        "mix.run",
        "mixtures of two or three models: top-1 on clean, corrupted and attacked images, one row for each mix",
        (
            MODEL.but("two or three, of the same classes"),
            IMAGES.but("labelled; default: Foolbox's; Mini models get synthetic ones"),
            N.but("or all where there are fewer", default=64),
            option("--kind", "what is averaged (default: probabilities)", choices=MIX_KINDS, default=MIX_KINDS[0]),
            option(
                "--alpha",
                "mixes: the α of the second of two models, or that of each model with commas, such as 0.5,0.25,0.25 "
                "(default: two models in tenths, three in quarters)",
                nargs="+",
                metavar="ALPHA",
            ),
            EPS.but("of an attack through the mixture; default: none"),
            ATTACK.but("one; default: pgd"),
            NORM,
            STEPS.but("default: the attack's own"),
            CORRUPTION.but("one; default: none"),
            SEVERITY.but("one; default: 3"),
            SEED.but("of the images that are drawn, of the corruption and of the attack"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "record",
        "record.run",
        "make the recorded runs anew, with which the pages begin",
        (
            option("--recording", f"{', '.join(RECORDED)}; default: all", nargs="+", default=[], metavar="KEY"),
            CPU,
        ),
    ),
    Command(
        "reopen",
        "reopen.run",
        "run a report again and compare every number",
        (
            option("report", "the HTML file", type=Path, metavar="REPORT"),
            IMAGES.but("where the report does not hold them; they are known by their SHA-256"),
            BEST_DEVICE,
            OUT,
        ),
        more="Exit code 0 where all numbers agree, 1 where one does not.",
    ),
    Command(
        "shape-bias",
        "shape_bias.run",
        "shape bias with its coverage on cue conflicts, under both published rules, one row for each model",
        (
            MODEL.but("of one world"),
            IMAGES.but("the published stimuli, which `data fetch cue-conflict` gets; Mini models have their own"),
            N.but("default: all"),
            SEED.but("of which published stimuli are taken"),
            switch("--as-orhan", "leave the image without a conflict in, as Orhan 2019 did (1,201)"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "edit-objects",
        "edit_objects.run",
        "accuracy on images whose object is resized, turned, recoloured, moved or before something else",
        (
            MODEL.but("of one world"),
            IMAGES.but("photos with --boxes; default: the twenty that come with the project. Mini models have scenes"),
            option("--boxes", "CSV file with the columns file, x0, y0, x1, y1 in pixels", type=Path, metavar="FILE"),
            N.but(default=32),
            option("--edit", f"of {', '.join(KINDS)} (default: all but place)", nargs="+", metavar="KIND"),
            SEED.but("of the images that are drawn"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "glasses",
        "glasses.run",
        "shape bias and coverage when models see every image through a filter, one row for each model and strength; "
        "with --corruption accuracy on corrupted images",
        (
            MODEL.but("of one world"),
            option("--filter", "what every image goes through first", choices=FILTERS, default="blur"),
            option(
                "--strengths",
                "σ in px of the model's input, a fraction or a factor, as the filter counts (default: its own)",
                nargs="+",
                type=float,
                metavar="X",
            ),
            CORRUPTION.but("one or several; default: stimuli as they are"),
            SEVERITY.but("one or several; default: 3"),
            IMAGES.but("the published stimuli, or labelled images for --corruption; Mini models have their own"),
            N.but("default: all stimuli, or 64 images"),
            SEED.but("of which images are taken, and of corruptions"),
            switch("--as-orhan", "leave the image without a conflict in, as Orhan 2019 did (1,201)"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "linear-probe",
        "downstream.run_probe",
        "accuracy of a linear probe on each model's features for classes of your own, over all folds and by images per "
        "class",
        (
            MODEL,
            OWN_CLASSES,
            TASK,
            option("--folds", "of the stratified cross-validation", type=int, default=5, metavar="N"),
            option("--repeats", "how often it is repeated", type=int, default=3, metavar="N"),
            SEED.but("of folds and draws"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "feature-similarity",
        "downstream.run_similarity",
        "how alike the features of models are: linear CKA, one row for every two of them",
        (MODEL.but("at least two"), OWN_CLASSES, TASK, BEST_DEVICE, OUT),
    ),
    Command(
        "fine-tune",
        "downstream.run_fine_tuning",
        "what training all weights of a copy adds to a linear probe, judged on one half of the images",
        (
            MODEL,
            OWN_CLASSES,
            TASK,
            STEPS.but("of SGD", default=200),
            option("--learning-rate", "at the start; it falls along a cosine", type=float, default=0.05, metavar="X"),
            option("--batch", "images of a step", type=int, default=64, metavar="N"),
            switch("--frozen-batch-norm", "keep the statistics of batch normalisation"),
            switch("--insist", "also where it takes longer than ten minutes without a GPU"),
            SEED.but("of the halves, the new layer and the batches"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "attribute",
        "attribute.run",
        "attribution methods: what a map costs, how well it adds up and, with --metrics, whether it can be believed",
        (
            MODEL,
            IMAGES.but("labelled; default: Foolbox's; Mini models get synthetic ones"),
            N.but("or all where there are fewer", default=4),
            option("--method", f"of {', '.join(METHODS)} (default: all)", nargs="+", metavar="METHOD"),
            switch("--metrics", "also measure whether the maps can be believed, which takes long"),
            SEED.but("of the images that are drawn, and of randomised weights"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "calibration",
        "confidence.run_calibration",
        "whether confidence is accuracy: ECE, NLL and Brier score, before and after temperature scaling",
        (
            MODEL,
            IMAGES.but("labelled; default: Foolbox's; Mini models get synthetic ones"),
            N.but("default: all"),
            SEED.but("of the images that are drawn, and of the half that the temperature is fitted on"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "ood",
        "confidence.run_ood",
        "how well scores tell known images from unknown ones: AUROC, FPR95 and AUPR, one row for each model and score",
        (
            MODEL,
            IMAGES.but("known ones; default: Foolbox's; Mini models get synthetic ones"),
            option(
                "--unknown",
                f"a folder of images that show none of the models' classes, or one of {', '.join(UNKNOWN_KINDS)}",
                default="uniform_noise",
                metavar="FOLDER",
            ),
            N.but("known ones; default: all"),
            SEED.but("of the images that are drawn or made"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "concepts",
        "concepts.run",
        "which concepts a network's activations for a class are made of, how much each counts, and whether it depends "
        "on them (CRAFT)",
        (
            *OF_WORLD,
            option("--class", "name of the class; images that are predicted as it count", metavar="NAME"),
            option("--concepts", "how many", type=int, metavar="N", default=6),
            option("--crop-size", "side of a crop as a fraction of the image's", type=float, metavar="F", default=0.5),
            SEED.but("of the images that are drawn, of masks and of random orders"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "simplicity-biases",
        "simplicity.run_biases",
        "smoothness, noise that passes, silent values and classes that units answer to, for each layer",
        (
            *OF_WORLD,
            option("--sigma", "standard deviation of the noise, where black is 0 and white 1", type=float, default=0.1),
            SEED.but("of the images that are drawn, and of the noise"),
            BEST_DEVICE,
            OUT,
        ),
    ),
    Command(
        "cue-removal",
        "simplicity.run_cues",
        "accuracy without shape, texture or colour: scrambled, stylised, silhouettes, two tones, edges",
        (*OF_WORLD, SEED.but("of the images that are drawn, and of what is random in a test"), BEST_DEVICE, OUT),
    ),
    Command(
        "gradient-alignment",
        "simplicity.run_alignment",
        "cosines of input gradients with the edges of the images, and between models",
        (*OF_WORLD, SEED.but("of the images that are drawn"), BEST_DEVICE, OUT),
    ),
    Command(
        "lesson check",
        "lesson.check",
        "read a lesson's file; what is wrong is said with its line and field",
        (option("lesson", "the lesson as TOML", type=Path, metavar="FILE"),),
    ),
    Command(
        "lesson show", "lesson.show", "print the scenes of a lesson with the minute at which each begins", (LESSON, OUT)
    ),
    Command(
        "lesson prepare",
        "lesson.prepare_all",
        "get the numbers of every scene before the class comes: recorded, published or computed now",
        (LESSON, BEST_DEVICE, OUT),
    ),
    Command(
        "lesson handouts",
        "lesson.handouts",
        "write the worksheet and the solution sheet, each as one HTML file to print",
        (LESSON, TO.but(required=True), BEST_DEVICE),
    ),
    Command(
        "benchmark list",
        "benchmark.show_experiments",
        "show the experiments, their conditions, protocols and quirks",
        (OUT,),
    ),
    Command(
        "benchmark run",
        "benchmark.run",
        "compute what is missing of experiments with models; start it again after any interruption",
        (
            *RUN,
            option(
                "--workers",
                "processes that read images (default: a quarter of the cores on a CPU, all but one beside a GPU)",
                type=int,
            ),
            option("--executor", "what computes", choices=EXECUTORS, default=EXECUTORS[0]),
            option("--address", "of the Ray cluster, HOST:PORT (default: auto, that of this machine)", metavar="A"),
            option(
                "--gpu-share",
                "of a GPU for each actor of Ray; 0 computes on the CPU (default: 1 where the cluster has a GPU)",
                type=float,
                metavar="F",
            ),
            BEST_DEVICE,
        ),
        RUN_STOPPED,
        "On several GPUs of one machine start the same command under torchrun: torchrun --nproc-per-node 8 -m -- "
        "robust_core benchmark run … On several machines give it once, with --executor ray, on a node of a Ray "
        "cluster; the package, the weights and the images must be on every node, under the same paths.",
    ),
    Command(
        "benchmark plan",
        "benchmark_plan.run",
        "forecast hours, memory and bytes of experiments with models on so many devices, from measured costs",
        (
            MODEL.but("whether their weights are here or not; default: all", required=False),
            ANY_EXPERIMENT,
            option("--gpus", "how many devices (default: 1 8 64)", nargs="+", type=int, metavar="N"),
            N.but("for each condition; default: all"),
            option("--costs", "measured costs (default: those that come with the project)", type=Path, metavar="FILE"),
            option(
                "--measure", "first measure on this machine, and write the costs to a file", type=Path, metavar="FILE"
            ),
            BEST_DEVICE,
            OUT,
        ),
        more="Costs are of the device that they were measured on; measure on one GPU of a kind to plan for many.",
    ),
    Command("benchmark status", "benchmark.show_status", "show how many units of an experiment are finished", RUN),
    Command(
        "benchmark show",
        "benchmark.show_numbers",
        "print the numbers of finished runs",
        (ANY_MODEL, ANY_EXPERIMENT, STORE.but("default: the shipped runs and your own"), OUT),
    ),
    Command(
        "benchmark export",
        "benchmark.export",
        "write the numbers of finished runs as one table, or the runs themselves with few files",
        (ANY_MODEL, ANY_EXPERIMENT, OWN_STORE, OUT, TO.but("a store with three files for each run")),
    ),
    Command(
        "benchmark merge",
        "benchmark.merge_stores",
        "take over the finished units of other stores, from other machines, say",
        (option("sources", "the other stores", type=Path, nargs="+", metavar="DIR"), OWN_STORE),
    ),
    Command("benchmark sources", "benchmark.write_sources", "write SOURCES.md beside the published tables"),
    Command(
        "mini train",
        "mini.run_train",
        "train models; finished ones are not trained again, broken-off ones go on",
        (
            MODEL.but("of Mini; default: all", required=False),
            SEED,
            CPU,
            PRECISION,
            TO.but("default: cache/runs/mini/seed_N"),
            OUT,
        ),
    ),
    Command(
        "mini render",
        "mini.run_render",
        "write images of a split as PNG files with a table of what is in them",
        (
            TO.but(required=True),
            option("--split", "one of " + ", ".join(SPLITS), default="test", metavar="SPLIT"),
            N.but(default=64),
            SEED,
        ),
    ),
    Command("mini sheet", "mini.run_sheet", "write contact sheets", (TO.but(required=True),)),
    Command(
        "mini card", "mini.run_card", "measure the shipped weights and write their model card", (FILTER_PRECISION,)
    ),
    Command(
        "mini seeds",
        "mini.run_seeds",
        "train the shown models with other seeds and measure the claims on them; then write the card again",
        (CPU, PRECISION, TO.but("default: cache/runs/mini")),
    ),
    Command(
        "mini golden",
        "mini.run_golden",
        "store how Mini looks now, its golden images; only after a deliberate change",
    ),
)

GROUPS = {
    "models": "list, download, verify, import, remove and check models",
    "data": "list the published data sets, and fetch them into the folder that the dashboard reads",
    "lesson": "check and show lessons for a class, get their numbers, print their handouts",
    "benchmark": "run experiments, see how far they are, show and hand on their results",
    "mini": "the synthetic world: train its models, render its images, measure what is shipped",
}
