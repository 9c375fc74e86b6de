// Streamlit makes entries in the browser's history that nobody asked for: a page that is left has one without what its
// controls held, one that is opened has one before and one after its controls are there, and controls that change together
// have one each. Here whatever somebody does makes one entry at most, so that one press of Back takes one step back.
(() => {
  const push = history.pushState.bind(history);
  let acted = false;
  for (const kind of ["pointerdown", "click", "keydown", "change", "drop"]) addEventListener(kind, () => (acted = true), true);
  addEventListener("popstate", () => (acted = false), true);
  history.pushState = (...entry) => {
    if (!acted) return history.replaceState(...entry);
    acted = false;
    return push(...entry);
  };
})();
