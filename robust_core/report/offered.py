"""What every result offers, by which a report knows it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from robust_core.report.report_images import ReportImage

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure


class Result(Protocol):
    """A result of a study; see `studies.study_result.StudyResult`."""

    @property
    def provenance(self) -> Any:
        """What determines its numbers."""

    @property
    def frame(self) -> "pandas.DataFrame":
        """Its table."""

    @property
    def options(self) -> Mapping[str, Any]:
        """How its numbers are counted, beside the request."""

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know beside its numbers."""

    def figure(self) -> "Figure":
        """Its figure."""

    def report_images(self) -> tuple[ReportImage, ...]:
        """The images beside its numbers."""
