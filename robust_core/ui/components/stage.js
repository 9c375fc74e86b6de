// One stage: curves on the left, the attacked image of every model on the right, one transport bar for both.
const WHOLE_RUN_MS = 7000; // from the clean image to the last step, at normal speed
const SPEEDS = { "½×": 0.5, "1×": 1, "2×": 2 };
const states = new WeakMap(); // by root: where the playhead is, what the visitor chose

function make(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text ?? "" });
}

function stillness() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function canvasOf(strip, name) {
  const canvas = Object.assign(document.createElement("canvas"), { width: strip.width_px, height: strip.height_px });
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = name;
  return canvas;
}

function sequenceRow(sequence) {
  const row = make("div", "sequence");
  const head = make("div", "head");
  head.append(make("span", "swatch"), make("b", "", sequence.title), make("span", "step"));
  head.firstChild.style.background = sequence.colour;
  const attacked = make("figure", "");
  const change = make("figure", "");
  attacked.append(canvasOf(sequence.attacked, `${sequence.title}: the attacked image`), make("figcaption", "verdict"));
  change.append(canvasOf(sequence.change, `${sequence.title}: the change`), make("figcaption", "factor", `change × ${sequence.factor}`));
  const pair = make("div", "pair");
  pair.append(attacked, change);
  row.append(head, pair);
  return row;
}

// In the place of images that are still made: how far the model is.
function waitingRow(waiting) {
  const row = make("div", "sequence waiting");
  const head = make("div", "head");
  head.append(make("span", "swatch"), make("b", "", waiting.title));
  head.firstChild.style.background = waiting.colour;
  const box = make("div", "box");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: waiting.share, ariaLabel: waiting.title });
  box.append(make("span", "", waiting.said), bar);
  row.append(head, box);
  return row;
}

function frameOf(sequence, step) {
  return sequence.steps.findLastIndex((one) => one <= step);
}

export default function ({ parentElement, data: given, setTriggerValue }) {
  const data = { ...given }; // which grows with the run
  const root = parentElement.querySelector(".stage");
  const [chartHost, sequencesHost, legend] = ["chart", "sequences", "legend"].map((name) => root.querySelector(`.${name}`));
  const [button, slider, output] = ["button.play", "input", "output"].map((name) => root.querySelector(name));
  const state = states.get(root) ?? { part: 1, log: false, speed: 1, playing: false, of: null };
  states.set(root, state);
  state.stop?.(); // what was drawn before
  root.data = data;
  const strips = data.sequences.flatMap((sequence) => [sequence.attacked, sequence.change]);
  const shown = data.sequences.map(() => -1);
  let chart = null;
  let images = [];
  let gone = false;
  let before_ms = 0;

  const reached = () => (data.lines.length ? Math.max(...data.lines.map((line) => line.at.at(-1))) : data.last);
  const step = () => Math.min(reached(), chart ? chart.axis.back(state.part) : data.last);

  function showSequences() {
    data.sequences.forEach((sequence, place) => {
      const frame = frameOf(sequence, Math.floor(step() + 1e-6));
      if (frame === shown[place] || !images.length) return;
      shown[place] = frame;
      const row = sequencesHost.children[place];
      row.querySelectorAll("canvas").forEach((canvas, number) => paint(canvas, images[2 * place + number], frame));
      const verdict = row.querySelector(".verdict");
      const at = sequence.steps[frame] ? `image at step ${sequence.steps[frame]}` : "clean image";
      row.querySelector("canvas").ariaLabel = `${sequence.title}, ${at}: ${sequence.verdicts[frame]}`;
      verdict.textContent = sequence.verdicts[frame];
      verdict.classList.toggle("wrong", !sequence.correct[frame]);
      row.querySelector(".step").textContent = at;
    });
  }

  function show() {
    const now = Math.floor(step() + 1e-6);
    if (chart && data.lines.length) chart.move(step());
    if (now !== state.marked) moveMarker(data.marker, (state.marked = now));
    slider.value = now;
    const words = now ? `step ${now} of ${data.last}` : `clean, step 0 of ${data.last}`;
    slider.setAttribute("aria-valuetext", words);
    output.textContent = words;
    showSequences();
  }

  function draw() {
    const width_px = chartHost.clientWidth;
    if (!width_px) return;
    const at = chart ? chart.axis.back(state.part) : null;
    chart = drawChart(chartHost, data, state.log, width_px, chartHost.clientHeight);
    if (at !== null) state.part = chart.axis.fraction(at);
    legend.hidden = width_px >= NARROW_PX;
    root.classList.toggle("without-lines", !data.lines.length);
    chart.svg.onclick = (event) => {
      if (!data.lines.length) return;
      const { step: picked, line } = chart.nearest(event);
      goTo(picked);
      setTriggerValue("picked", { x: picked, y: heightAt(line, picked), title: line.title });
    };
    show();
  }

  function goTo(next) {
    pause();
    state.part = chart.axis.fraction(Math.min(data.last, Math.max(0, next)));
    show();
  }

  function pause() {
    state.playing = false;
    button.textContent = "▶ Play";
    button.setAttribute("aria-pressed", "false");
  }

  function advance(now_ms) {
    if (gone || !state.playing) return;
    state.part = Math.min(1, state.part + ((now_ms - before_ms) * state.speed) / WHOLE_RUN_MS);
    before_ms = now_ms;
    show();
    if (state.part >= 1) pause();
    else requestAnimationFrame(advance);
  }

  function play() {
    if (state.part >= 1) state.part = 0;
    state.playing = true;
    button.textContent = "❚❚ Pause";
    button.setAttribute("aria-pressed", "true");
    before_ms = performance.now();
    requestAnimationFrame(advance);
  }

  function choose(group, chosen) {
    root.querySelectorAll(`.${group} button`).forEach((one) => one.setAttribute("aria-pressed", String(one.textContent === chosen)));
  }

  function save() {
    const url = URL.createObjectURL(new Blob([standalone(chart.svg)], { type: "image/svg+xml" }));
    Object.assign(document.createElement("a"), { href: url, download: "accuracy_by_step.svg" }).click();
    URL.revokeObjectURL(url);
  }

  const toggle = () => (state.playing ? pause() : play());
  const keys = {
    " ": toggle,
    ArrowRight: () => goTo(Math.floor(step() + 1e-6) + 1),
    ArrowLeft: () => goTo(Math.ceil(step() - 1e-6) - 1),
    Home: () => goTo(0),
    End: () => goTo(data.last),
  };
  root.onkeydown = (event) => {
    if (!chart || !keys[event.key] || (event.key === " " && event.target.tagName === "BUTTON")) return;
    event.preventDefault();
    keys[event.key]();
  };
  button.onclick = toggle;
  root.querySelector("button.save").onclick = save;
  slider.max = data.last;
  slider.oninput = () => goTo(Number(slider.value));
  root.querySelectorAll(".speeds button").forEach((one) => {
    one.onclick = () => {
      state.speed = SPEEDS[one.textContent];
      choose("speeds", one.textContent);
    };
  });
  root.querySelectorAll(".axes button").forEach((one) => {
    one.onclick = () => {
      state.log = one.textContent === "Log";
      choose("axes", one.textContent);
      draw();
    };
  });
  legend.replaceChildren(
    ...data.lines.map((line) => {
      const name = make("span", "", line.title);
      name.style.setProperty("--colour", line.colour);
      return name;
    }),
  );
  function fillBeside() {
    const rows = data.sequences.length ? data.sequences.map(sequenceRow) : data.waiting.map(waitingRow);
    sequencesHost.replaceChildren(...rows);
    root.style.setProperty("--rows", Math.max(1, rows.length));
    root.classList.toggle("without-sequences", !rows.length);
  }

  function grow({ detail }) {
    Object.assign(data, detail);
    fillBeside();
    draw();
  }

  root.classList.toggle("presenting", data.present);
  fillBeside();
  root.querySelector(".said").textContent = state.grew && !data.waiting.length ? `The run has ended. ${data.alt}` : "";
  state.grew = data.waiting.length > 0;
  if (state.grew) document.addEventListener("job-live", grow);
  const resized = new ResizeObserver(draw);
  resized.observe(chartHost);
  delete root.dataset.ready;
  load(strips).then(
    (loaded) => {
      if (gone) return;
      images = loaded;
      root.dataset.ready = "yes";
      const fresh = data.played && state.of !== data.played;
      state.of = data.played;
      if (fresh && !stillness()) {
        state.part = 0;
        play();
      } else show();
    },
    () => {
      fetched.clear();
      if (!gone) output.textContent = "The frames did not arrive; reload this page.";
    },
  );
  if (state.playing) play();
  else pause();
  state.stop = () => {
    gone = true;
    document.removeEventListener("job-live", grow);
    resized.disconnect();
  };
  return state.stop;
}
