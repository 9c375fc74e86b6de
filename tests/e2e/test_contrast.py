"""Text can be read in both themes: WCAG's 4.5:1, 3:1 for large letters, measured from the colours that a browser
computes.
"""

import pytest

FAINT = """() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3]));
  const luminance = (colour) => colour.map((x) => (x / 255 <= 0.04045 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  const faint = {};
  for (const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); nodes.nextNode(); ) {
    const element = nodes.currentNode.parentElement, said = nodes.currentNode.textContent.trim();
    if (!said || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.offsetWidth < 2) continue;
    // drawings have colours of their own, what is disabled need not be read, and a slider's number stands above its knob, not on it
    if (element.closest('svg, style, script, [disabled], [aria-disabled=true], [data-testid=stSlider], [data-testid=stIconMaterial]')) continue;
    const line = [];
    for (let one = element; one; one = one.parentElement) line.unshift(getComputedStyle(one));
    const ground = line.map((style) => rgba(style.backgroundColor)).reduce((below, colour) => over(colour, below), [255, 255, 255]);
    const ink = rgba(line.at(-1).color), opacity = line.reduce((product, style) => product * style.opacity, 1);
    if (line.at(-1).fontFamily.includes('Material')) continue;
    const [darker, lighter] = [luminance(over([...ink.slice(0, 3), ink[3] * opacity], ground)), luminance(ground)].sort((a, b) => a - b);
    const ratio = (lighter + 0.05) / (darker + 0.05);
    if (ratio < (parseFloat(line.at(-1).fontSize) >= 24 ? 3 : 4.5)) faint[said.slice(0, 40)] = Math.round(100 * ratio) / 100;
  }
  return faint;
}"""


WITHOUT_MODELS = ("/benchmarks", "/models", "/")  # in the sidebar


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_text_can_be_read(visit, fresh, look):
    one = visit(fresh, color_scheme=look)
    for path in (
        "/what_if?more=Corruption+grid",
        "/pgd_steps?against=ε",
        "/compare_attacks",
        "/smallest_change",
        "/break_a_defence",
        "/mixing_desk",
        "/transfer_learning",
        "/attributions",
        "/features",
        "/features?features_view=Layer+biases",
        "/features?features_view=Cue+removal",
        "/shape_or_texture",
        "/shape_or_texture?tab=Glasses",
        "/benchmarks",
        "/models",
        "/",
    ):
        page = one.open(f"{path}{'&' if '?' in path else '?'}world=Mini").settle().page
        if path not in WITHOUT_MODELS:
            page.locator(".st-key-models [data-tag]").first.wait_for()
        page.get_by_test_id("stExpander").first.locator("summary").click()
        assert page.evaluate(FAINT) == {}, path


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_measure_finds_white_on_light_blue(visit, fresh, look):
    page = visit(fresh, color_scheme=look).open("/what_if?world=Mini").settle().page
    page.locator(".st-key-models [data-tag]").first.wait_for()
    page.add_style_tag(content=".stApp [data-tag] { color: #FFFFFF !important; background: #6CB6FF !important; }")
    assert page.evaluate(FAINT).get("Mini ResNeXt") == pytest.approx(2.145, abs=0.01)
