// Looks at a page's jobs by HTTP. The page runs again when one has ended, and no more than once a second when one has come further;
// what a component can draw by itself it gets as an event, without any run.
const PAUSE_MS = 1000;

export default function ({ data, setTriggerValue }) {
  const drawn_ms = performance.now();
  let timer = null;
  let gone = false;

  async function look() {
    const response = await fetch(new URL("." + data.path, document.baseURI)).catch(() => null);
    if (gone) return;
    if (response?.ok) {
      const found = await response.json();
      if (gone) return;
      if (found.live) document.dispatchEvent(new CustomEvent("job-live", { detail: found.live }));
      const further = !data.live && found.progress !== data.progress && (data.first || performance.now() - drawn_ms >= PAUSE_MS);
      if (found.standing !== data.standing || further) setTriggerValue("changed", `${found.standing} ${found.progress}`);
    }
    timer = setTimeout(look, data.period_ms);
  }

  timer = setTimeout(look, data.period_ms);
  return () => {
    gone = true;
    clearTimeout(timer);
  };
}
