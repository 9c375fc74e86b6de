"""Numbers as people read them: intervals beside them, and what is the same in all rows apart."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

MOST_ROWS = 24  # that are shown at once
MOST_WRITTEN = 1000  # for readers; machines are told all
STEPS_SHOWN = (0, 1, 2, 5, 10, 20)  # of an attack, beside the last
SAID_ALREADY = {"norm": "attack", "eps": "attack"}  # a column that another one says in words
LEFT_OUT = ("weights_sha256", "protocol", "interval_method", "seconds", "caveats", "meaning", "source")
BOUNDS = ("low", "high")
UNITS = {"percent": "%", "nats": "nats", "px": "px", "bits": "bits", "logits": "logits", "seconds": "s"}
TITLES = {"n": "n", "eps": "ε", "ece": "ECE", "nll": "NLL", "auroc": "AUROC", "fpr95": "FPR95", "aupr": "AUPR"}


def rows_of(frame: "pandas.DataFrame") -> list[list[Any]]:
    """The values of a table as JSON holds them, row by row; NaN is None."""
    return [[_plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def protocols(frame: "pandas.DataFrame") -> list[str]:
    """The protocols of its rows, and by which method intervals were made, each once."""
    methods = [f"95% intervals: {one}." for one in _once(frame, "interval_method")]
    return [*_once(frame, "protocol"), *methods]


def table(frame: "pandas.DataFrame", caption: str) -> str:
    """The table, only its most telling rows at first where it is long, and all of them below."""
    shown = _summary(frame)
    first = _html(shown, caption if len(shown) == len(frame) else f"{caption}: {len(shown)} of {len(frame):,} rows")
    if len(shown) == len(frame):
        return first
    words = f"All {len(frame):,} rows" if len(frame) <= MOST_WRITTEN else f"The first {MOST_WRITTEN:,} rows"
    rest = _html(frame.head(MOST_WRITTEN), f"{caption}: {words.lower()}")
    return f"{first}<details><summary>{words}</summary>{rest}</details>"


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table of texts, the first of each row its header."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in columns)
    body = ""
    for first, *rest in rows:
        cells = "".join(f'<td class="mono">{escape(one)}</td>' for one in rest)
        body += f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
    return _region(f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", caption)


def _summary(frame: "pandas.DataFrame") -> "pandas.DataFrame":
    if len(frame) <= MOST_ROWS:
        return frame
    if "step" in frame:
        return frame[frame["step"].isin({*STEPS_SHOWN, frame["step"].max()})].head(4 * MOST_ROWS)
    return frame.head(MOST_ROWS)


def _html(frame: "pandas.DataFrame", caption: str) -> str:
    columns = _columns(frame)
    numeric = {name: all(isinstance(one, int | float) for one in _values(frame, name)) for name in columns}
    head = "".join(
        f'<th scope="col"{_class(numeric[name])}>{_apart(escape(_title(name, frame)))}</th>' for name in columns
    )
    body = []
    for row in frame.to_dict("records"):
        cells = [f"<td{_class(numeric[name])}>{_apart(escape(_cell(name, row)))}</td>" for name in columns]
        body.append(f"<tr>{''.join(cells)}</tr>")
    same = _same(frame, columns)
    return _region(f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>", caption) + same


def _region(content: str, caption: str) -> str:
    named = escape(caption, quote=True)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{named}"><table><caption>{escape(caption)}</caption>'
        f"{content}</table></div>"
    )


def _columns(frame: "pandas.DataFrame") -> list[str]:
    """Those that differ between rows, and n."""
    kept = [name for name in frame.columns if not _is_said(name, frame)]
    return [name for name in kept if name in ("model", "n") or name.endswith("_percent") or _differs(frame, name)]


def _same(frame: "pandas.DataFrame", columns: Sequence[str]) -> str:
    """What all rows share."""
    shared = [name for name in frame.columns if len(frame) and name not in columns and not _is_said(name, frame)]
    said = [f"{_title(name, frame)} {_cell(name, frame.iloc[0].to_dict())}" for name in shared]
    said = [one for one in said if not one.endswith(" –")]
    return f'<p class="quiet">In all rows: {escape("; ".join(said))}.</p>' if said else ""


def _is_said(name: str, frame: "pandas.DataFrame") -> bool:
    """Whether it is shown elsewhere, as the ends of an interval are with the number itself."""
    is_bound = any(name in bounds_of(other, frame) for other in frame.columns if other != name)
    return is_bound or name in LEFT_OUT or SAID_ALREADY.get(name) in frame


def bounds_of(name: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The two columns of the interval of a number in percent, where `columns` have some."""
    if not name.endswith("_percent"):
        return ()
    every, stem = list(columns), name.removesuffix("_percent")
    named = [tuple(f"{stem}_{end}_percent" for end in BOUNDS), tuple(f"{name}_{end}" for end in BOUNDS)]
    if next((one for one in every if one.endswith("_percent") and not one.startswith(BOUNDS)), None) == name:
        named.append(tuple(f"{end}_percent" for end in BOUNDS))
    return next((pair for pair in named if set(pair) <= set(every)), ())


def _cell(name: str, row: dict[Any, Any]) -> str:
    value = _plain(row[name])
    if value is None or value == "":
        return "–"
    if not name.endswith("_percent"):
        return _said(value)
    ends = [_plain(row[one]) for one in bounds_of(name, row)]
    interval = f" [{ends[0]:.1f}–{ends[1]:.1f}]" if len(ends) == 2 and None not in ends else ""
    return f"{value:.1f}%{interval}".replace("-", "−")


def _title(name: str, frame: "pandas.DataFrame") -> str:
    stem, _, unit = name.rpartition("_")
    words, ending = (stem, UNITS[unit]) if stem and unit in UNITS else (name, "")
    title = " ".join(TITLES.get(word, word) for word in words.split("_"))
    interval = " [95% interval]" if bounds_of(name, frame) else ""
    return f"{title}, {ending}{interval}" if ending and ending != "%" else f"{title}{interval}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−") if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and value != value else value  # NaN alone differs from itself


def _values(frame: "pandas.DataFrame", name: str) -> list[Any]:
    return [_plain(one) for one in frame[name]]


def _differs(frame: "pandas.DataFrame", name: str) -> bool:
    return len(set(_values(frame, name))) > 1


def _once(frame: "pandas.DataFrame", name: str) -> list[str]:
    return [str(one) for one in dict.fromkeys(_values(frame, name)) if one] if name in frame else []


def _apart(cell: str) -> str:
    """An interval in an element of its own, which has a line of its own where there is little room."""
    number, bracket, interval = cell.partition(" [")
    return f'{number} <span class="interval">[{interval}</span>' if bracket and interval.endswith("]") else cell


def _class(numeric: bool) -> str:
    return ' class="number"' if numeric else ""
