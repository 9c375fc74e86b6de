"""Why a checkpoint does not fit an architecture, in one sentence that says what it holds and what to do."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from robust_core.models.checkpoints import NUMPY_ARRAYS
from robust_core.models.containers import LONGEST_KEY, Group, Reading, ends_of, groups_of, left_out_as, shown
from robust_core.models.fitting import Shapes, fitting_architectures, misfits, shapes_of
from robust_core.models.pickles import Beside
from robust_core.models.tensors import COUNTER, UNKNOWABLE, Stored, kind_of

IMAGENET_CLASSES = 1000
BACKGROUND_CLASSES = 1001
_OPTIMIZER_KEYS = {
    "exp_avg",
    "exp_avg_sq",
    "max_exp_avg_sq",
    "momentum_buffer",
    "square_avg",
    "grad_avg",
    "step",
    "sum",
    "acc_delta",
    "exp_inf",
}


@dataclass(frozen=True)
class Naming:
    """How a library, or a kind of model, names its tensors: `key` is found in some key of it."""

    key: str
    whose: str
    advice: str


_CONVERT = "rename them as torchvision does"
_OTHER_TASK = "only image classifiers can be imported"

# The first row that matches counts, so that what is special comes before what is common.
NAMINGS = (
    Naming(
        r"zero_point$|_packed_params|\.SCB$|quant_state",
        "a quantised network with fused or packed layers",
        "import the float network it was made from",
    ),
    Naming(
        r"lora_(A|B|up|down)\b",
        "LoRA adapters, which change another model's weights",
        "merge them into that model and save it",
    ),
    Naming(
        r"(^|\.)(down_blocks|up_blocks|mid_block)\.|diffusion_model\.|first_stage_model\.",
        "a diffusion model",
        _OTHER_TASK,
    ),
    Naming(
        r"resblocks\.\d|token_embedding\.weight|text_model\.|(^|\.)logit_scale$",
        "a CLIP model of images and texts",
        _OTHER_TASK,
    ),
    Naming(
        r"embed_tokens\.|lm_head\.|word_embeddings\.|(^|\.)h\.\d+\.(attn|mlp)\.|(^|\.)wte\.",
        "a language model",
        _OTHER_TASK,
    ),
    Naming(
        r"(^|\.)(rpn|roi_heads?|bbox_head|mask_head|class_embed|bottom_up)\.|\.dfl\.", "an object detector", _OTHER_TASK
    ),
    Naming(r"(^|\.)(decode_head|aux_classifier|mask_decoder|segmentation_head)\.", "a segmentation model", _OTHER_TASK),
    Naming(
        r"(^|\.)(mask_token$|decoder_pred\.|decoder_blocks\.)",
        "a masked autoencoder without a classifier",
        "import a fine-tuned checkpoint",
    ),
    Naming(
        r"embedder\.embedder\.|encoder\.layer\.\d+\.attention\.|patch_embeddings\.|encoder\.stages\.\d+\.layers\.",
        "Hugging Face transformers, not torchvision's",
        f"{_CONVERT}; an architecture timm:NAME may fit",
    ),
    Naming(r"(^|\.)_(conv_stem|blocks|conv_head|fc)\.", "efficientnet_pytorch, not torchvision's", _CONVERT),
    Naming(
        r"(^|\.)(patch_embed\.proj|conv_stem)\.|(^|\.)blocks\.\d+\.(\d+\.)?(attn|mlp|conv_dw|conv_pw)\b|stages\.\d+\.blocks\.\d+\.conv_dw",
        "timm, not torchvision's",
        "choose the architecture timm:NAME that it was trained as",
    ),
    Naming(
        r"(^|[./])(kernel|gamma|beta|moving_mean|moving_variance)$", "TensorFlow or Flax, not torchvision's", _CONVERT
    ),
    Naming(
        r"(^|\.)last_linear\.weight$",
        "pretrainedmodels (Cadene), not torchvision's",
        "rename last_linear as the architecture calls its last layer",
    ),
    Naming(
        r"parametrizations\.|_orig$|weight_u$",
        "a reparametrised network",
        "take that off with remove_parametrizations and save anew",
    ),
)


def without_tensors(file: str, checkpoint: Any) -> str:
    """The sentence about a file that holds no named tensors."""
    if isinstance(checkpoint, Tensor):
        return (
            f"{file} holds one tensor of shape {tuple(checkpoint.shape)} and no names; save model.state_dict() alone."
        )
    values = list(
        checkpoint.values()
        if isinstance(checkpoint, Mapping)
        else checkpoint
        if isinstance(checkpoint, (list, tuple))
        else ()
    )
    if any(isinstance(value, Tensor) for value in values):
        return f"{file} holds {len(values):,} tensors without names; save model.state_dict() alone."
    inner = [value for outer in values if isinstance(outer, Mapping) for value in outer.values()]
    if any(isinstance(value, Beside) and type(value).__name__ == "_reconstruct" for value in [*values, *inner]):
        return f"{file} {NUMPY_ARRAYS}."
    if isinstance(checkpoint, Mapping) and "param_groups" in checkpoint:
        return _optimizer_alone(file)
    keys = [shown(key) for key in checkpoint if isinstance(key, str)] if isinstance(checkpoint, Mapping) else []
    only = f", only {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}" if keys else ""
    return f"{file} holds no state dict in a known container{only}; save model.state_dict() alone."


def misfit(file: str, architecture: str, checkpoint: Any, readings: Sequence[Reading], expected: Shapes) -> str:
    """The sentence about named tensors of which no reading is a whole state dict of the architecture."""
    groups = groups_of(checkpoint)
    if all(set(group.tensors) <= _OPTIMIZER_KEYS for group in groups):
        return _optimizer_alone(file)
    part = re.search(r"-0*(\d+)-of-0*(\d+)\.", file)
    if part and part[2] != "1":
        return (
            f"{file} is part {part[1]} of {part[2]} of a sharded checkpoint; load the model from all its parts and "
            "save it as one file."
        )
    state = _nearest(groups, expected)
    of_another_type = ((key, kind) for key in expected if (kind := _other_type(key, state.get(key))))
    if other := next(of_another_type, None):
        return f"{file} was refused: {other[0]} is {other[1]}, not float: {UNKNOWABLE}."
    others = sorted(fitting_architectures(checkpoint))
    if readings and not others:
        return _in_company(file, architecture, readings[0])
    return f"{file} does not fit {architecture}: {_reason(architecture, groups, state, expected, others)}."


def _optimizer_alone(file: str) -> str:
    return (
        f"{file} holds the state of an optimizer and no weights; import the checkpoint that holds the model's "
        "state_dict."
    )


def _in_company(file: str, architecture: str, reading: Reading) -> str:
    strangers = [key for key, stored in reading.left_out.items() if not left_out_as(key, stored)]
    behind = next((f" behind {shown(prefix)}" for prefix in reading.prefixes if prefix), "")
    return (
        f"{file} holds a whole {architecture}{behind}, but beside it unexpected keys: {len(strangers):,} (first "
        f"{shown(strangers[0])}); "
        f"they may change what it predicts, so save the tensors of the {architecture} alone."
    )


def _reason(
    architecture: str, groups: Sequence[Group], state: Mapping[str, Stored], expected: Shapes, others: Sequence[str]
) -> str:
    shapes = {shown(key): shape for key, shape in shapes_of(state).items()}
    clauses, head = ", ".join(misfits(shapes, expected)), next(reversed(expected)).rpartition(".")[0]
    classes = _other_classes(architecture, shapes, expected, head)
    if classes:
        return classes
    if others:
        return f"{clauses}; it would fit {' or '.join(others)}"
    missing = [key for key in expected if key not in shapes and not key.endswith(COUNTER)]
    if shapes.keys() < expected.keys() and all(key.startswith(f"{head}.") for key in missing):
        return (
            f"{clauses}; it is a network without its classifier and predicts no classes: train a classifier on it "
            "and save both together"
        )
    return f"{clauses}; {_named_as(groups) or 'it fits no architecture of the table'}"


def _nearest(groups: Sequence[Group], expected: Shapes) -> dict[str, Stored]:
    """What lies behind the prefix behind which most of the expected keys do, whatever their shapes."""
    counts = [
        Counter(key.removesuffix(end) for key in group.tensors for end in ends_of(key) if end in expected)
        for group in groups
    ]
    best = max(
        range(len(groups)), key=lambda index: (max(counts[index].values(), default=0), len(groups[index].tensors))
    )
    prefix = counts[best].most_common(1)[0][0] if counts[best] else ""
    behind = {
        key.removeprefix(prefix): stored for key, stored in groups[best].tensors.items() if key.startswith(prefix)
    }
    return {key: stored for key, stored in behind.items() if key in expected or not left_out_as(key, stored)}


def _other_classes(architecture: str, shapes: Shapes, expected: Shapes, head: str) -> str | None:
    """The reason when nothing but the number of classes differs."""
    reshaped = [key for key in expected if key in shapes and shapes[key] != expected[key]]
    same_elsewhere = all(
        key.startswith(f"{head}.") and shapes[key][1:] == expected[key][1:] and shapes[key] for key in reshaped
    )
    if not reshaped or not same_elsewhere or misfits({**shapes, **{key: expected[key] for key in reshaped}}, expected):
        return None
    classes, needed = shapes[reshaped[0]][0], expected[reshaped[0]][0]
    background = " (1,000 and a background class, as TensorFlow counts)" if classes == BACKGROUND_CLASSES else ""
    has = f"its last layer, {reshaped[0]}, has {classes:,} {'class' if classes == 1 else 'classes'}{background}"
    if needed != IMAGENET_CLASSES:
        return f"{has}; the class list has {needed:,}"
    return (
        f"{has}; {architecture} of the table has 1,000: import it with its class list (in a terminal: --classes FILE)"
    )


def _named_as(groups: Sequence[Group]) -> str | None:
    keys = [key for group in groups for key in group.tensors if len(key) <= LONGEST_KEY]
    row, key = next(((row, key) for row in NAMINGS for key in keys if re.search(row.key, key)), (None, ""))
    return f"its keys are those of {row.whose} (such as {shown(key)}): {row.advice}" if row else None


def _other_type(key: str, stored: Stored | None) -> str | None:
    """The type of a parameter that is stored as whole or complex numbers; None for any other tensor, since buffers,
    such as counters and tables of places, may be whole.
    """
    if not isinstance(stored, Tensor) or stored.is_floating_point() or stored.is_quantized:
        return None
    return kind_of(stored) if key.endswith(("weight", "bias")) else None
