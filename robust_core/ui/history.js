// Streamlit makes entries in the browser's history that nobody asked for: a page that is opened from the menu has one of
// its bare address and one with what its controls hold, and two controls that change together have two. Here whatever
// somebody does makes one entry at most, so that one press of Back takes one step back.
(() => {
  const push = history.pushState.bind(history);
  let acted = false;
  for (const kind of ["pointerdown", "keydown", "change", "drop"]) addEventListener(kind, () => (acted = true), true);
  addEventListener("popstate", () => (acted = false), true);
  history.pushState = (state, title, url) => {
    const elsewhere = new URL(url, location.href).pathname !== location.pathname;
    const asked = acted || elsewhere;
    acted = false;
    return asked ? push(state, title, url) : history.replaceState(state, title, url);
  };
})();
