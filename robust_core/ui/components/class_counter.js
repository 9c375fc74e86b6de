// How many are here and have bet, and how long the scene has been on; asked of the server twice a second. The page runs when
// another desk has moved the class.
const PERIOD_MS = 500;
const PATIENCE_MS = 4000; // for the page to run, before it is told once more
const counters = new WeakMap(); // by root

/** A reload or Back leaves the desk, which only the recovery code brings back: the browser asks before it does. */
const ask = (event) => event.preventDefault();

async function look(counter) {
  const response = await fetch(new URL("." + counter.path, document.baseURI)).catch(() => null);
  const found = response?.ok ? await response.json() : null;
  if (counter.gone) return;
  if (found?.live) show(counter.root, found.live);
  if (found?.live && found.live.standing !== counter.standing && !(performance.now() - counter.told_ms < PATIENCE_MS)) {
    counter.told_ms = performance.now();
    counter.tell("standing", found.live.standing);
  }
  counter.timer = setTimeout(look, PERIOD_MS, counter);
}

function show(root, { here, bet, seconds, minutes }) {
  root.querySelector(".bet").textContent = `${bet} of ${here}`;
  const clock = root.querySelector(".clock");
  clock.textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} of ${minutes}:00`;
  clock.classList.toggle("late", seconds > 60 * minutes);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".class-counter");
  show(root, data.now);
  const counter = counters.get(root) ?? {};
  clearTimeout(counter.timer);
  counters.set(root, Object.assign(counter, {
    root, path: data.path, standing: data.now.standing, tell: setTriggerValue, told_ms: NaN, gone: false,
  }));
  counter.timer = setTimeout(look, PERIOD_MS, counter);
  window.addEventListener("beforeunload", ask);
  return () => {
    window.removeEventListener("beforeunload", ask);
    counter.gone = true;
    clearTimeout(counter.timer);
  };
}
