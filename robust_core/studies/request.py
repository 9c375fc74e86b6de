"""What a study is asked, as data: all that determines its result, and nothing else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from robust_core.errors import BadInput

if TYPE_CHECKING:
    from robust_core.labels import LabelSpace
    from robust_core.models.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Request:
    """A question to `models`; each study's own request says about what, and how.

    Two requests with one `key` are the same question: the key is a job's, and names a run that is kept.
    """

    study: ClassVar[str]

    models: "tuple[ModelSpec, ...]"

    @property
    def identity(self) -> dict[str, Any]:
        """The whole request as plain values, which head its tables."""
        return {"study": self.study} | {
            field.name: _plain(getattr(self, field.name)) for field in fields(self) if field.compare
        }

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """The study, the models in words, and the whole identity in one text form."""
        return self.study, " and ".join(spec.name for spec in self.models), json.dumps(self.identity, sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def spec(self) -> "ModelSpec":
        """The only model; raises BadInput where there are several."""
        if len(self.models) != 1:
            raise BadInput(f"This is asked of one model at a time; got {len(self.models)}.")
        return self.models[0]

    @property
    def label_space(self) -> "LabelSpace":
        """The classes of its first model, which are those of all where one screen shows them."""
        return self.models[0].label_space

    def for_models(self, specs: "Iterable[ModelSpec]") -> Self:
        """The same question to other models."""
        return replace(self, models=tuple(specs))

    def of(self, spec: "ModelSpec") -> Self:
        """The part of the request that asks one of its models."""
        return replace(self, models=(spec,))


def _plain(value: Any) -> Any:
    """`value` as JSON holds it; a thing that has an identity is that."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    identity = getattr(value, "identity", value)  # asked once, since it is made anew; it may be None
    if identity is not value:
        return identity
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Iterable):
        return [_plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no plain form")
