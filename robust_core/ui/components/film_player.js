// Plays lossless frames in the browser: play, pause, scrub; beside each frame what every model answers to it.
function element(tag, text, properties) {
  return Object.assign(document.createElement(tag), { textContent: text, ...properties });
}

function figureOf(strip) {
  const figure = document.createElement("figure");
  figure.append(element("img", "", { alt: strip.caption || "the frame that is seen" }));
  if (strip.caption) figure.append(element("figcaption", strip.caption));
  return figure;
}

function rowOfStrips(strips) {
  const row = document.createElement("div");
  row.append(...strips.map(figureOf));
  return row;
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".film-player");
  const slider = root.querySelector("input");
  const button = root.querySelector("button");
  const place = root.querySelector("output");
  const answers = root.querySelector("tbody");
  const last = data.names.length - 1;
  const strips = data.rows.flat();
  let frame = 0;
  let timer = null;

  function rowOf(model) {
    const row = document.createElement("tr");
    row.style.borderLeft = `4px solid ${model.colour}`;
    row.classList.toggle("bold", model.bold[frame]);
    row.append(...[model.title, ...model.cells[frame]].map((text) => element("td", text)));
    return row;
  }

  function moveMarker() {
    const x = data.marker.positions[frame];
    const followers = [...document.querySelectorAll(".live-chart")].filter((chart) => chart.layout?.meta === data.marker.meta);
    for (const chart of followers) {
      window.Plotly.relayout(chart, { "shapes[0].visible": true, "shapes[0].x0": x, "shapes[0].x1": x });
    }
  }

  function show(next) {
    frame = next;
    slider.value = frame;
    root.querySelectorAll("img").forEach((picture, index) => (picture.src = strips[index].frames[frame]));
    place.textContent = data.names[frame];
    answers.replaceChildren(...data.models.map(rowOf));
    if (data.marker) moveMarker();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  }

  function play() {
    if (frame >= last) show(0);
    button.textContent = "Pause";
    timer = setInterval(() => (frame >= last ? pause() : show(frame + 1)), data.milliseconds);
  }

  root.querySelector(".strips").replaceChildren(...data.rows.map(rowOfStrips));
  root.querySelector("thead tr").replaceChildren(...data.columns.map((name) => element("th", name)));
  slider.max = last;
  slider.oninput = () => {
    pause();
    show(Number(slider.value));
  };
  button.onclick = () => (timer ? pause() : play());
  const sources = strips.flatMap((strip) => strip.frames);
  Promise.all(sources.map((src) => Object.assign(new Image(), { src }).decode())).then(() => (root.dataset.ready = "yes"));
  show(0);
  return pause;
}
