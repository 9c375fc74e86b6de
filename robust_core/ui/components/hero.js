// Plays the attack once on arrival, unless the visitor wants no motion: then its end is shown.
const MILLISECONDS = 420;

function caption(figure, lines, wrong) {
  const [first, second] = lines;
  const strong = Object.assign(document.createElement("b"), { textContent: second });
  figure.querySelector("figcaption").replaceChildren(first, strong);
  figure.classList.toggle("wrong", wrong);
  figure.querySelector("canvas").setAttribute("aria-label", `${first}, ${second}`);
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".hero");
  const [clean, change, attacked] = ["clean", "change", "attacked"].map((name) => root.querySelector(`.${name}`));
  const button = root.querySelector("button");
  const last = data.verdicts.length - 1;
  let timer = null;
  let images = null;

  function spoken({ prediction, probability }) {
    return [prediction, probability];
  }

  function show(frame) {
    const [photos, changes] = images;
    paint(attacked.querySelector("canvas"), photos, frame);
    paint(change.querySelector("canvas"), changes, frame);
    caption(attacked, spoken(data.verdicts[frame]), !data.verdicts[frame].correct);
    root.dataset.frame = frame;
  }

  function play() {
    clearInterval(timer);
    let frame = 0;
    show(frame);
    timer = setInterval(() => (frame < last ? show(++frame) : clearInterval(timer)), MILLISECONDS);
  }

  for (const [figure, strip] of [[clean, data.attacked], [change, data.change], [attacked, data.attacked]]) {
    Object.assign(figure.querySelector("canvas"), { width: strip.width_px, height: strip.height_px });
  }
  caption(clean, spoken(data.verdicts[0]), !data.verdicts[0].correct);
  caption(change, data.added, false);
  caption(attacked, spoken(data.verdicts[last]), !data.verdicts[last].correct);
  button.onclick = () => images && play();
  load([data.attacked, data.change]).then((loaded) => {
    images = loaded;
    paint(clean.querySelector("canvas"), images[0], 0);
    root.dataset.ready = "yes";
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || root.dataset.played) return show(last);
    root.dataset.played = "yes";
    play();
  }, () => { root.dataset.ready = "failed"; });
  return () => clearInterval(timer);
}
