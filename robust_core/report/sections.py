"""One result in a report: what was asked, the chart, the numbers, the images, and by which protocol."""

from html import escape
from itertools import groupby

from robust_core.report.offered import Result
from robust_core.report.report_images import ReportImage, base64_of
from robust_core.report.room import Room
from robust_core.report.tables import protocols, table
from robust_core.report.words import words_of


def section(result: Result, number: int, room: Room, title: str = "") -> str:
    """The result as a section, with an empty element for its chart; `title` in place of its study's."""
    words = words_of(result.provenance.request.get("study", ""))
    models = ", ".join(dict.fromkeys(result.frame["model"])) if "model" in result.frame else ""
    return f"""<section aria-labelledby="result-{number}">
<h2 id="result-{number}">{escape(title or words.title)}</h2>
<p class="quiet">{escape(models)}</p>
<h3>Chart</h3>
<figure><div class="chart" id="chart-{number}" role="group" aria-label="{escape(_chart_name(words.title, models))}">\
<noscript>Charts need JavaScript; the table has their numbers.</noscript></div>
<figcaption>{escape(words.question)} The numbers are in the table below.</figcaption></figure>
<h3>Numbers</h3>
{table(result.frame, f"{words.title}, {models}" if models else words.title)}
{_caveats(result.sentences())}
{_images(result.report_images(), room)}
<h3>Protocol</h3>
<ul>{"".join(f"<li>{escape(one)}</li>" for one in [*protocols(result.frame), *_of_images(result)])}</ul>
</section>
"""


def _caveats(sentences: tuple[str, ...]) -> str:
    said = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    return f"<h3>What to know about these numbers</h3><ul>{said}</ul>" if said else ""


def _chart_name(title: str, models: str) -> str:
    return f"Chart: {title}, {models}" if models else f"Chart: {title}"


def _of_images(result: Result) -> list[str]:
    """Which images, and by which rule they were chosen."""
    images = result.provenance.request.get("images") or result.provenance.request.get("stimuli")
    if not isinstance(images, dict):
        return []
    n = f"{images['n']:,} images" if "n" in images else "Images"
    sha256 = result.provenance.images_sha256
    said = [f"{n}: {images.get('title') or 'given one by one'}. {images.get('rule', '')}".strip()]
    return [*said, f"SHA-256 of the images: {sha256}"] if sha256 else said


def _images(images: tuple[ReportImage, ...], room: Room) -> str:
    if not images:
        return ""
    groups = []
    for name, group in groupby(images, key=lambda one: one.group):
        figures = "".join(_figure(one, room) for one in group)
        if figures:
            groups.append(f'<h4>{escape(name)}</h4><div class="images">{figures}</div>')
    return f"<h3>Images</h3>{''.join(groups)}" if groups else ""


def _figure(image: ReportImage, room: Room) -> str:
    content = base64_of(image.rgb)
    if not room.take(content):
        room.left_out += 1
        return ""
    height, width, _ = image.rgb.shape
    small = ' class="small"' if image.is_small else ""
    return (
        f'<figure><img{small} width="{width}" height="{height}" alt="{escape(image.alt)}" '
        f'src="data:image/webp;base64,{content}"><figcaption>{escape(image.caption)}</figcaption></figure>'
    )
