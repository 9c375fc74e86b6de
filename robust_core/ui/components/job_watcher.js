// Looks at a page's jobs by HTTP. The page runs again when one has ended, and no more than once a second when one has come further;
// what a component can draw by itself it gets as an event, without any run.
const PAUSE_MS = 1000;
const PATIENCE_MS = 4000; // for the page to run, before it is told once more
const watchers = new WeakMap(); // by root: what was drawn last, and when

function mustDraw(watcher, found) {
  if (performance.now() - watcher.told_ms < PATIENCE_MS) return false;
  if (found.live) return found.live.over;
  const rested = watcher.first || performance.now() - watcher.drawn_ms >= PAUSE_MS;
  return found.standing !== watcher.standing || (rested && found.progress !== watcher.progress);
}

async function look(watcher) {
  const response = await fetch(new URL("." + watcher.path, document.baseURI)).catch(() => null);
  const found = response?.ok ? await response.json() : null;
  if (watcher.gone) return;
  if (found?.live) document.dispatchEvent(new CustomEvent("job-live", { detail: found.live }));
  if (found && mustDraw(watcher, found)) {
    watcher.told_ms = performance.now();
    watcher.tell("changed", `${found.standing} ${found.progress}`);
  }
  const slower_ms = Math.min(PAUSE_MS, (performance.now() - watcher.began_ms) / 20); // of long work
  watcher.timer = setTimeout(look, Math.max(watcher.period_ms, slower_ms), watcher);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector("span");
  const watcher = watchers.get(root) ?? { began_ms: performance.now() };
  watchers.set(root, Object.assign(watcher, data, { drawn_ms: performance.now(), told_ms: NaN, tell: setTriggerValue, gone: false }));
  watcher.timer ??= setTimeout(look, data.period_ms, watcher);
  return () => {
    watcher.gone = true;
    clearTimeout(watcher.timer);
    watcher.timer = null;
  };
}
