// Plays lossless frames in the browser: play, pause, scrub; beside each frame what every model predicts.
const fetched = new Map(); // by address, the promise of all frames one after the other, 8-bit RGB; only those of the last frame sequence

function element(tag, text, properties) {
  return Object.assign(document.createElement(tag), { textContent: text, ...properties });
}

async function fetchFrames({ path, height_px, width_px }) {
  const response = await fetch(new URL("." + path, document.baseURI));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const values = new Uint8Array(await response.arrayBuffer());
  const size = 3 * height_px * width_px;
  for (let i = size; i < values.length; i++) values[i] += values[i - size]; // modulo 256, as the type has it
  return values;
}

function load(strips) {
  const wanted = new Map(strips.map((strip) => [strip.path, fetched.get(strip.path) ?? fetchFrames(strip)]));
  fetched.clear();
  wanted.forEach((promise, path) => fetched.set(path, promise));
  return Promise.all(strips.map((strip) => wanted.get(strip.path)));
}

function paint(canvas, values, place) {
  const image = new ImageData(canvas.width, canvas.height);
  const pixels = image.data.fill(255); // opaque
  let from = 3 * canvas.width * canvas.height * place;
  for (let to = 0; to < pixels.length; to += 4) {
    pixels[to] = values[from++];
    pixels[to + 1] = values[from++];
    pixels[to + 2] = values[from++];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function figureOf(strip) {
  const figure = document.createElement("figure");
  const canvas = element("canvas", "", { width: strip.width_px, height: strip.height_px, role: "img" });
  canvas.ariaLabel = strip.caption || "the frame that is seen";
  figure.append(canvas);
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
  const predictions = root.querySelector("tbody");
  const last = data.names.length - 1;
  const strips = data.rows.flat();
  let images = []; // of every strip, once they are here
  let frame = 0;
  let timer = null;
  let seen = true; // until the page draws something else in this place

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
    const canvases = root.querySelectorAll("canvas");
    images.forEach((values, index) => paint(canvases[index], values, strips[index].places[frame]));
    place.textContent = data.names[frame];
    predictions.replaceChildren(...data.models.map(rowOf));
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
  delete root.dataset.ready;
  load(strips).then(
    (loaded) => {
      if (!seen) return;
      images = loaded;
      show(frame);
      root.dataset.ready = "yes";
    },
    () => {
      fetched.clear();
      if (seen) place.textContent = "The frame sequence did not come; open this page anew.";
    },
  );
  show(0);
  return () => {
    seen = false;
    pause();
  };
}
