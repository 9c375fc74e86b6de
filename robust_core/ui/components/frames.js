// Lossless frames by HTTP: fetched once, undone differences, painted pixel by pixel. Joined to the components that show frames.
const fetched = new Map(); // by address, the promise of all frames one after the other, 8-bit RGB; only those of the last frame sequence

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

// The charts whose layout is marked `meta` follow: their first shape is at `x`.
function moveMarker(meta, x) {
  const followers = [...document.querySelectorAll(".live-chart")].filter((chart) => chart.layout?.meta === meta);
  for (const chart of followers) {
    window.Plotly.relayout(chart, { "shapes[0].visible": true, "shapes[0].x0": x, "shapes[0].x1": x });
  }
}
