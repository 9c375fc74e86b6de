// Unpacks Plotly and the figures of this file and draws them, in the colours of the reader's scheme.
(async () => {
  const packed = (name) => document.getElementById(`packed-${name}`).textContent;
  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };
  const charts = [...document.querySelectorAll(".chart")];
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const colours = (printing) => {
    const style = getComputedStyle(document.documentElement);
    const ink = printing ? "#111" : style.getPropertyValue("--ink").trim();
    const line = printing ? "#ddd" : style.getPropertyValue("--line").trim();
    return { ink, line };
  };
  const painted = (layout, { ink, line }) => {
    const changes = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", "font.color": ink };
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
      Object.assign(changes, { [`${name}.gridcolor`]: line, [`${name}.zerolinecolor`]: line, [`${name}.linecolor`]: line });
    }
    return changes;
  };
  const paint = (printing) =>
    charts.forEach((chart) => chart.layout && Plotly.relayout(chart, painted(chart._fullLayout, colours(printing))));

  try {
    const script = document.createElement("script");
    script.textContent = await unpacked(packed("plotly"));
    document.head.append(script);
    const figures = packed("figures").split(" ");
    await Promise.all(
      charts.map(async (chart, number) => {
        if (figures[number] === "-") {
          chart.textContent = "This chart did not fit into the file; the table below has its numbers.";
          return;
        }
        const { data, layout } = JSON.parse(await unpacked(figures[number]));
        const legend = { orientation: "h", y: -0.2, yanchor: "top", x: 0 };
        const size = { autosize: true, height: 440, font: { size: 14, family: "system-ui, sans-serif" } };
        const margin = { l: 64, r: 12, t: 36, b: 56 };
        chart.textContent = "";
        await Plotly.newPlot(chart, data, { ...layout, ...size, margin, legend }, { responsive: true, displayModeBar: false });
      }),
    );
    paint(false);
    dark.addEventListener("change", () => paint(false));
    addEventListener("beforeprint", () => paint(true));
    addEventListener("afterprint", () => paint(false));
    document.documentElement.dataset.charts = "drawn";
  } catch (error) {
    charts.forEach((chart) => {
      chart.textContent = "This browser cannot draw the chart; the table below has its numbers.";
    });
  }
})();
