// One Plotly host that stays mounted: a new figure goes through Plotly.react, so nothing blinks and zoom survives.
let library;
const STANDOFF_PX = 10;
const DIGIT_PX = 0.6; // of the letters' size

function load(src) {
  library ??= window.Plotly
    ? Promise.resolve(window.Plotly)
    : new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL("." + src, document.baseURI).href;
        script.onload = () => resolve(window.Plotly);
        script.onerror = reject;
        document.head.appendChild(script);
      });
  return library;
}

function inTheme(layout, host) {
  const style = getComputedStyle(host);
  const themed = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const grid = themed("--st-border-color", "rgba(128,128,128,.25)");
  const result = {
    paper_bgcolor: themed("--st-background-color", "rgba(0,0,0,0)"), // a saved image needs a ground to stand on
    plot_bgcolor: "rgba(0,0,0,0)",
    uirevision: "keep",
    ...layout,
    font: { color: themed("--st-text-color", "#444"), family: themed("--st-font", "sans-serif"), ...layout.font },
  };
  for (const axis of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    const { title } = layout[axis]; // without a distance of its own it lies on the numbers beside it
    const titled = title?.text ? { automargin: true, title: { standoff: STANDOFF_PX, ...title } } : {};
    result[axis] = { gridcolor: grid, zerolinecolor: grid, ...layout[axis], ...titled };
  }
  return result;
}

// A chart with a name for it can be saved as an image, by a button that appears over it.
function config(pngName) {
  return {
    responsive: true,
    displaylogo: false,
    displayModeBar: pngName ? "hover" : false,
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "png", scale: 2, filename: pngName },
  };
}

// Numbers on the cells of a heat map where they fit between its columns; on a phone the colours and a touch have to do.
function fitNumbers(Plotly, host) {
  host.data.forEach(({ type, text, textfont, texttemplate }, trace) => {
    if (type !== "heatmap" || !text || texttemplate === undefined) return;
    const digits = Math.max(0, ...text.flat().map((number) => number.replace(/<[^>]*>/g, "").length));
    const cell_px = host._fullLayout.xaxis._length / Math.max(1, text[0]?.length);
    const fitting = digits && cell_px >= digits * DIGIT_PX * textfont.size + 4 ? "%{text}" : "";
    if (fitting !== texttemplate) Plotly.restyle(host, { texttemplate: fitting }, [trace]);
  });
}

// The point nearest to the pointer among those at its place; dashed lines and bands have none. Plotly names one of each trace there.
function pickFrom({ points, event }, host, setTriggerValue) {
  const pickable = points.filter(({ data }) => !data.line?.dash && data.hoverinfo !== "skip");
  const pointer_px = event.clientY - host.getBoundingClientRect().top;
  const away_px = ({ y, yaxis }) => Math.abs(yaxis._offset + yaxis.d2p(y) - pointer_px);
  const [point] = pickable.sort((one, other) => away_px(one) - away_px(other));
  if (point) setTriggerValue("picked", { x: point.x, y: point.y, title: point.data.name ?? "" });
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".live-chart");
  let gone = false;
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", data.alt);
  load(data.src).then((Plotly) => {
    if (gone) return;
    Plotly.react(host, data.traces, inTheme(data.layout, host), config(data.png_name)).then(() => gone || fitNumbers(Plotly, host));
    host.removeAllListeners("plotly_afterplot");
    host.on("plotly_afterplot", () => fitNumbers(Plotly, host)); // as after a change of its size
    host.removeAllListeners("plotly_click");
    if (data.pickable) host.on("plotly_click", (click) => pickFrom(click, host, setTriggerValue));
  });
  return () => {
    gone = true;
  };
}
