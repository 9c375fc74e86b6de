"""All models by key: the rows of the table, then the user's own files."""

from robust_core.errors import UnknownName
from robust_core.models import in_use
from robust_core.models.imports import imported
from robust_core.models.registry import REGISTRY
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.models.registry_mini_defences import MINI_DEFENCES
from robust_core.models.registry_mini_eps import MINI_EPS
from robust_core.models.registry_timm import LITE_ROWS, TIMM_ROWS
from robust_core.models.spec import ModelSpec

# What comes with the project's requirements is ready at once, so it is first.
TABLE = (*LITE_ROWS, *REGISTRY, *TIMM_ROWS, *MINI_REGISTRY, *MINI_DEFENCES, *MINI_EPS)


def list_models() -> tuple[ModelSpec, ...]:
    """Every row of the table in its order, then the imported models by key, as they are on disk now.

    When the table has grown a key that an import took earlier, the table's row is the one that counts.
    """
    own = imported()
    if not own:
        return TABLE
    taken = {row.key for row in TABLE}
    return (*TABLE, *(row for row in own if row.key not in taken))


def get_spec(key: str) -> ModelSpec:
    """The row called `key`, also that of a model that somebody holds in this process; raises UnknownName, which names
    the nearest keys.
    """
    if model := in_use.held(key):
        return model.spec
    rows = {row.key: row for row in list_models()}
    if key not in rows:
        raise UnknownName("model", key, rows)
    return rows[key]
