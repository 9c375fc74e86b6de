// The curves of a stage as SVG: bands, lines with their names at the ends, and a dot with its number that rides each curve.
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 28, right: 14, bottom: 46, left: 50 }; // this and the next two are of letters of 14 px
const LETTER_PX = 7.4;
const LINE_PX = 17;
const LONGEST_NAME_PART = 0.35; // of the chart's width
const PRESENTING = 20 / 14;
const NARROW_PX = 560; // below it the names are in a row above the chart
const TICKS = [0, 1, 2, 5, 10, 20, 50, 100];
const STRIDES = [1, 2, 5, 10, 20, 25, 50];
const FEWEST_TICKS = 6;
const INK = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "paint-order", "font-family", "font-size", "font-weight", "visibility"];

function node(parent, tag, attributes = {}, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return parent.appendChild(made);
}

function axisOf(last, log, from_px, to_px) {
  const whole = Math.log1p(last);
  const fraction = log ? (step) => Math.log1p(step) / whole : (step) => step / last;
  const back = log ? (part) => Math.expm1(part * whole) : (part) => part * last;
  const stride = STRIDES.find((one) => last / one <= FEWEST_TICKS) ?? last;
  const even = Array.from({ length: Math.floor(last / stride) + 1 }, (_, number) => number * stride);
  return {
    fraction,
    back,
    x: (step) => from_px + fraction(step) * (to_px - from_px),
    step: (x) => back(Math.min(1, Math.max(0, (x - from_px) / (to_px - from_px)))),
    ticks: log ? TICKS.filter((step) => step <= last) : even,
  };
}

// The heights of labels, moved so that no two are closer than a line, none below `most`.
function apart(heights, most, line_px = LINE_PX) {
  const order = heights.map((_, place) => place).sort((one, other) => heights[one] - heights[other]);
  const moved = [...heights];
  order.forEach((place, rank) => {
    if (rank) moved[place] = Math.max(moved[place], moved[order[rank - 1]] + line_px);
  });
  order.reverse().forEach((place, rank) => {
    moved[place] = Math.min(moved[place], rank ? moved[order[rank - 1]] - line_px : most);
  });
  return moved;
}

function heightAt(line, step) {
  const after = line.at.findIndex((at) => at >= step);
  if (after < 0) return line.heights.at(-1);
  if (after === 0) return line.heights[0];
  const [from, to] = [line.at[after - 1], line.at[after]];
  const share = (step - from) / (to - from);
  return line.heights[after - 1] + share * (line.heights[after] - line.heights[after - 1]);
}

function pathOf(at, heights, axis, y) {
  return at.map((step, place) => `${place ? "L" : "M"}${axis.x(step).toFixed(1)},${y(heights[place]).toFixed(1)}`).join("");
}

function drawGround(svg, data, axis, y, ends) {
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    node(svg, "line", { class: "grid", x1: ends.left, x2: ends.right, y1: y(part), y2: y(part) });
    node(svg, "text", { x: ends.left - 8, y: y(part) + 5, "text-anchor": "end" }, `${100 * part}%`);
  }
  const { size } = ends;
  for (const step of axis.ticks) node(svg, "text", { x: axis.x(step), y: y(0) + 20 * size, "text-anchor": "middle" }, String(step));
  node(svg, "text", { x: (ends.left + ends.right) / 2, y: y(0) + 40 * size, "text-anchor": "middle" }, data.axis_title);
  node(svg, "text", { x: ends.left, y: y(1) - 10 * size }, "accuracy ↑ higher is better");
  node(svg, "line", { class: "chance", x1: ends.left, x2: ends.right, y1: y(data.chance), y2: y(data.chance) });
  node(svg, "text", { class: "chance-name", x: ends.left + 6, y: y(data.chance) - 5 }, `chance ${(100 * data.chance).toFixed(1)}%`);
}

function drawLine(svg, line, axis, y, dashed) {
  if (line.low.length) {
    const there = pathOf(line.at, line.high, axis, y);
    const back = pathOf([...line.at].reverse(), [...line.low].reverse(), axis, y).replace("M", "L");
    node(svg, "path", { class: "band", d: `${there}${back}Z`, fill: line.colour });
  }
  node(svg, "path", { class: dashed ? "behind" : "curve", d: pathOf(line.at, line.heights, axis, y), stroke: line.colour });
}

function drawNames(svg, lines, y, ends) {
  const heights = apart(lines.map((line) => y(line.heights.at(-1))), y(0), LINE_PX * ends.size);
  const letters = Math.floor((ends.names_px - 8) / (LETTER_PX * ends.size));
  lines.forEach((line, place) => {
    if (!line.whole) return; // it grows: its dot has a number, its bar below the name
    const short = line.title.length > letters ? `${line.title.slice(0, letters - 1)}…` : line.title;
    const name = node(svg, "text", { class: "name", x: ends.right + 8, y: heights[place] + 5, style: `--colour:${line.colour}` }, short);
    node(name, "title", {}, line.title);
  });
}

function drawFlips(svg, data, axis, y) {
  data.sequences.filter((sequence) => sequence.flip !== null).forEach((sequence) => {
    const mark = node(svg, "path", {
      class: "flip",
      d: `M${axis.x(sequence.flip)},${y(0) - 9}l5,9l-10,0Z`,
      fill: sequence.colour,
    });
    node(mark, "title", {}, `${sequence.title}: the prediction flips at step ${sequence.flip}`);
  });
}

// A drawing that stands on its own: styles of the page written into it, on its ground.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const [originals, copies] = [svg, copy].map((root) => [root, ...root.querySelectorAll("*")]);
  originals.forEach((original, place) => {
    const style = getComputedStyle(original);
    copies[place].setAttribute("style", INK.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  });
  copy.setAttribute("xmlns", SVG);
  copy.style.background = getComputedStyle(svg).getPropertyValue("--st-background-color");
  return new XMLSerializer().serializeToString(copy);
}

// Draws everything that stands still, and returns what moves with the step.
function drawChart(host, data, log, width_px, height_px) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width_px} ${height_px}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", data.alt);
  const size = data.present ? PRESENTING : 1;
  const longest_px = LETTER_PX * Math.max(0, ...data.lines.map((line) => line.title.length)) + 12;
  const names_px = width_px < NARROW_PX || !data.lines.length ? 0 : Math.min(LONGEST_NAME_PART * width_px, size * longest_px);
  const ends = { left: size * MARGIN.left, right: width_px - MARGIN.right - names_px, names_px, size };
  const y = (part) => height_px - size * MARGIN.bottom - part * (height_px - size * (MARGIN.bottom + MARGIN.top));
  const axis = axisOf(data.last, log, ends.left, ends.right);
  drawGround(svg, data, axis, y, ends);
  data.behind.forEach((line) => drawLine(svg, line, axis, y, true));
  data.lines.forEach((line) => drawLine(svg, line, axis, y, false));
  if (names_px) drawNames(svg, data.lines, y, ends);
  drawFlips(svg, data, axis, y);
  const rule = node(svg, "line", { class: "now", y1: y(1), y2: y(0), visibility: data.lines.length ? "visible" : "hidden" });
  const riders = data.lines.map((line) => ({
    dot: node(svg, "circle", { class: "dot", r: 6, fill: line.colour }),
    number: node(svg, "text", { class: "number", style: `--colour:${line.colour}` }),
  }));
  host.replaceChildren(svg);

  function move(step) {
    const x = axis.x(step);
    rule.setAttribute("transform", `translate(${x},0)`);
    const heights = data.lines.map((line) => y(heightAt(line, Math.min(step, line.at.at(-1)))));
    const labels = apart(heights, y(0) - 4, LINE_PX * size);
    const turned = x > ends.right - 60 * size;
    data.lines.forEach((line, place) => {
      const { dot, number } = riders[place];
      const reached = Math.min(step, line.at.at(-1));
      dot.setAttribute("transform", `translate(${axis.x(reached)},${heights[place]})`);
      number.setAttribute("transform", `translate(${axis.x(reached) + (turned ? -12 : 12)},${labels[place] - 6})`);
      number.setAttribute("text-anchor", turned ? "end" : "start");
      number.textContent = line.numbers[Math.floor(reached)];
    });
  }

  function nearest(event) {
    const box = svg.getBoundingClientRect();
    const step = Math.round(axis.step(((event.clientX - box.left) * width_px) / box.width));
    const height = ((event.clientY - box.top) * height_px) / box.height;
    const away = data.lines.map((line) => Math.abs(y(heightAt(line, step)) - height));
    return { step, line: data.lines[away.indexOf(Math.min(...away))] };
  }

  return { move, nearest, axis, svg };
}
