"""The models of the mini family that are trained like `mini_resnext_at8` but against attacks of another size, so that
what ε does can be seen live. Card and full benchmarks are of the family alone; what these are worth, the studies of
transfer learning say.
"""

from robust_core.models.registry_mini import ADVERSARIAL, CLEAN_800, MINI_BASELINE, mini_row
from robust_core.models.spec import ModelSpec

# ε of the attacks in training, L∞ in 255ths: all of one recipe, 40 epochs
MINI_LEVELS = {
    "mini_resnext_at0": 0.0,
    "mini_resnext_at05": 0.5,
    "mini_resnext_at1": 1.0,
    "mini_resnext_at2": 2.0,
    "mini_resnext_at4": 4.0,
    "mini_resnext_at8": 8.0,
    "mini_resnext_at16": 16.0,
}


def _row(key: str, sha256: str, size: int) -> ModelSpec:
    level = MINI_LEVELS[key]
    if not level:
        title, note = (
            "Mini ResNeXt, 40 epochs",
            "The fair zero of the series over ε: the same 40 epochs without an attack.",
        )
        return mini_row(key, title, MINI_BASELINE, CLEAN_800, sha256, size, note)
    title, data = f"Mini ResNeXt, trained at {level:g}/255", f"{CLEAN_800}, attacked by PGD"
    note = f"Trained against L∞ attacks of {level:g}/255, with the recipe of the model at 8/255."
    return mini_row(key, title, ADVERSARIAL, data, sha256, size, note)


MINI_EPS: tuple[ModelSpec, ...] = (
    _row("mini_resnext_at0", "3e823df42b57f6f96a9c89313c2d49c06a93d8142f1aabb32d46ae5a321088ff", 481_800),
    _row("mini_resnext_at05", "fba661ca8d8fd41bb714a425056144bd1010e184d3a1bb5da64bab34dee56e56", 481_808),
    _row("mini_resnext_at1", "428cc15485dad3179af66b74c3ba17a8d4e06273c53f07ac34502b515ae3d5f4", 481_800),
    _row("mini_resnext_at2", "6f20cd6359173419c04aac00cd4b3b3ffbe7018249734e518a38b649435341a6", 481_800),
    _row("mini_resnext_at4", "cc3a52cd6fccb6c5b0170d818cf0fcfbc0ea17209aa4dce9d82fdde29d2088af", 481_800),
    _row("mini_resnext_at16", "28fa9877a462c72aab6d3889027e79f8e7470b61e095a0fc267d98b015b16751", 481_808),
)
