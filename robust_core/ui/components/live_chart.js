// One Plotly host that stays mounted: a new figure goes through Plotly.react, so nothing blinks and zoom survives.
let library;
const STANDOFF_PX = 10;
const DIGIT_PX = 0.6; // of the letters' size
const TEXT_PX = 14;
const BUTTON_PX = 32;
const NARROW_PX = 560;
const END_LABEL = "end of a line"; // as charts.py names them
const BAR_LABEL = "above a bar";
const PRESENTING = { text_px: 20, line_px: 4 };

function scriptOf(src) {
  const ahead = document.querySelector(`head script[src="${src}"]`); // charts_ahead.js has asked for it
  if (ahead) return ahead;
  const script = Object.assign(document.createElement("script"), { src });
  document.head.append(script);
  return script;
}

function load(src) {
  library ??= window.Plotly
    ? Promise.resolve(window.Plotly)
    : new Promise((resolve, reject) => {
        const script = scriptOf(new URL("." + src, document.baseURI).href);
        script.addEventListener("load", () => resolve(window.Plotly));
        script.addEventListener("error", (error) => {
          library = undefined; // the next figure asks again
          script.remove();
          reject(error);
        });
      });
  return library;
}

// Letters and lines for a room: none smaller, none thinner than that.
function enlarged(part) {
  if (Array.isArray(part)) return part.map(enlarged);
  if (part === null || typeof part !== "object") return part;
  const grown = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, enlarged(value)]));
  for (const [name, value] of Object.entries(grown)) {
    if (/font$/.test(name) && value?.size) value.size = Math.max(PRESENTING.text_px, value.size);
    if (name === "line" && value?.width && part.type === "scatter") value.width = Math.max(PRESENTING.line_px, value.width);
    if (name === "margin") for (const side of ["l", "r"]) value[side] *= PRESENTING.text_px / TEXT_PX; // for its letters
  }
  return grown;
}

function inTheme(layout, host, text_px) {
  const style = getComputedStyle(host);
  const themed = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const grid = themed("--st-border-color", "rgba(128,128,128,.25)");
  const result = {
    paper_bgcolor: themed("--st-background-color", "rgba(0,0,0,0)"), // a saved image needs a ground to stand on
    plot_bgcolor: "rgba(0,0,0,0)",
    uirevision: "keep",
    ...layout,
    font: { color: themed("--st-text-color", "#444"), family: themed("--st-font", "sans-serif"), size: text_px, ...layout.font },
    hoverlabel: { font: { size: text_px }, ...layout.hoverlabel },
    legend: { font: { size: text_px }, ...layout.legend },
  };
  for (const axis of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    const { title } = layout[axis]; // without a distance of its own it lies on the numbers beside it
    const titled = title?.text ? { automargin: true, title: { standoff: STANDOFF_PX, font: { size: text_px }, ...title } } : {};
    result[axis] = { gridcolor: grid, zerolinecolor: grid, ...layout[axis], ...titled };
  }
  return result;
}

// The title and the numbers of a colour bar are as large as those of axes; intervals may have the colour of the text.
function themedTrace(trace, host, text_px) {
  const { colorbar } = trace;
  const result = { ...trace };
  const font = { size: text_px };
  if (colorbar) result.colorbar = { tickfont: font, ...colorbar, title: { font, ...colorbar.title } };
  for (const bounds of ["error_x", "error_y"]) {
    if (trace[bounds]?.color === "currentcolor") result[bounds] = { ...trace[bounds], color: getComputedStyle(host).getPropertyValue("--st-text-color").trim() || "#444" };
  }
  return result;
}

// Names at the ends of lines need room beside them; a narrow chart has a legend above.
function withLegend(layout, host) {
  const labels = (layout.annotations ?? []).filter(({ name }) => name === END_LABEL);
  if (!labels.length || host.clientWidth >= NARROW_PX) return layout;
  const annotations = layout.annotations.filter(({ name }) => name !== END_LABEL);
  return { ...layout, annotations, showlegend: true, margin: { ...layout.margin, r: 8 } };
}

// Names below columns, in rows of a few words: where columns are narrow they stand upright, lest they touch.
function withUprightNames(layout, host) {
  const { xaxis } = layout;
  if (xaxis?.tickangle !== 0 || !xaxis.ticktext || host.clientWidth >= NARROW_PX) return layout;
  return { ...layout, xaxis: { ...xaxis, tickangle: -90 } };
}

// Names above bars, cut where the chart ends; the pointer finds the whole one.
function withFittingNames(layout, host, text_px) {
  const pen = document.createElement("canvas").getContext("2d");
  const room_px = host.clientWidth - (layout.margin?.l ?? 0) - 8;
  const fitting = (annotation) => {
    if (annotation.name !== BAR_LABEL || room_px <= 0) return annotation;
    pen.font = `${annotation.font?.size ?? text_px}px ${getComputedStyle(host).fontFamily}`;
    let { text } = annotation;
    while (text.length > 2 && pen.measureText(text).width > room_px) text = `${text.replace(/…$/, "").slice(0, -1)}…`;
    return text === annotation.text ? annotation : { ...annotation, text, hovertext: annotation.text };
  };
  return layout.annotations ? { ...layout, annotations: layout.annotations.map(fitting) } : layout;
}

// The button that saves the chart lies above it, not on it.
function withButton(layout, pngName) {
  return pngName ? { ...layout, margin: { ...layout.margin, t: Math.max(BUTTON_PX, layout.margin?.t ?? 0) } } : layout;
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

// The box that was drawn by dragging, which the next figure shows.
function boxFrom(selection, Plotly, host, setTriggerValue) {
  const { x, y } = selection?.range ?? {};
  if (!x || !y) return;
  Plotly.relayout(host, { selections: [] });
  setTriggerValue("boxed", [x[0], y[0], x[1], y[1]]);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".live-chart");
  let gone = false;
  // Plotly itself looks at the window alone, which stays as it is when the sidebar goes.
  const resized = new ResizeObserver(() => host._fullLayout && host.clientWidth && window.Plotly.Plots.resize(host));
  resized.observe(host);
  host.setAttribute("role", "figure"); // and no image, which holds no button
  host.setAttribute("aria-label", data.alt);
  load(data.src).then((Plotly) => {
    if (gone) return;
    const [plain, layout] = data.present ? enlarged([data.traces, data.layout]) : [data.traces, data.layout];
    const text_px = data.present ? PRESENTING.text_px : TEXT_PX;
    const traces = plain.map((trace) => themedTrace(trace, host, text_px));
    const named = withUprightNames(withLegend(layout, host), host);
    const fitted = withFittingNames(withButton(named, data.png_name), host, text_px);
    const themed = inTheme(fitted, host, text_px);
    Plotly.react(host, traces, themed, config(data.png_name)).then(() => gone || fitNumbers(Plotly, host));
    host.removeAllListeners("plotly_afterplot");
    host.on("plotly_afterplot", () => fitNumbers(Plotly, host)); // as after a change of its size
    host.removeAllListeners("plotly_click");
    host.removeAllListeners("plotly_selected");
    if (data.boxable) host.on("plotly_selected", (selection) => boxFrom(selection, Plotly, host, setTriggerValue));
    if (data.pickable) host.on("plotly_click", (click) => pickFrom(click, host, setTriggerValue));
  });
  return () => {
    gone = true;
    resized.disconnect();
  };
}
