// Plays lossless frames in the browser: play, pause, scrub; beside each frame what every model predicts.
function element(tag, text, properties) {
  return Object.assign(document.createElement(tag), { textContent: text, ...properties });
}

function figureOf(strip, place, all) {
  const figure = document.createElement("figure");
  const canvas = element("canvas", "", { width: strip.width_px, height: strip.height_px, role: "img" });
  canvas.dataset.name = strip.caption || (all.length > 1 ? `Strip ${place + 1}` : "Frame");
  figure.append(canvas);
  if (strip.caption) figure.append(element("figcaption", strip.caption));
  return figure;
}

function rowOfStrips(strips) {
  const row = document.createElement("div");
  row.append(...strips.map((strip, place) => figureOf(strip, place, strips)));
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

  function show(next) {
    frame = next;
    slider.value = frame;
    const canvases = root.querySelectorAll("canvas");
    images.forEach((values, index) => paint(canvases[index], values, strips[index].places[frame]));
    canvases.forEach((canvas) => (canvas.ariaLabel = `${canvas.dataset.name}, ${data.names[frame]}`));
    place.textContent = data.names[frame];
    slider.setAttribute("aria-valuetext", `${data.names[frame]}, ${frame + 1} of ${last + 1}`);
    predictions.replaceChildren(...data.models.map(rowOf));
    if (data.marker) moveMarker(data.marker.meta, data.marker.positions[frame]);
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

  root.classList.toggle("presenting", data.present);
  root.querySelector(".strips").replaceChildren(...data.rows.map(rowOfStrips));
  root.querySelector("thead tr").replaceChildren(...data.columns.map((name) => element("th", name)));
  slider.max = last;
  slider.ariaLabel = ["frame of", ...new Set(data.models.map(({ title }) => title))].join(" ");
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
