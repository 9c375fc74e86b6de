// The images as options of a list: arrow keys, Home and End move the focus, Enter, Space or a click picks.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

function option({ id, name, path }) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  Object.assign(button, { type: "button", title: name });
  button.setAttribute("role", "option");
  button.setAttribute("aria-label", name);
  button.dataset.id = id;
  Object.assign(image, { alt: "", loading: "lazy", src: new URL("." + path, document.baseURI).href });
  button.append(image);
  return button;
}

function mark(list, chosen, current) {
  const options = [...list.children];
  for (const one of options) {
    one.setAttribute("aria-selected", one.dataset.id === current);
    one.classList.toggle("chosen", chosen.includes(one.dataset.id));
    one.tabIndex = one.dataset.id === current ? 0 : -1;
  }
  if (options.length && !options.some((one) => one.tabIndex === 0)) options[0].tabIndex = 0;
}

function intoView(list) {
  const current = list.querySelector("[aria-selected=true]");
  if (!current) return;
  const [left, right] = [current.offsetLeft - list.offsetLeft, current.offsetLeft - list.offsetLeft + current.offsetWidth];
  if (left < list.scrollLeft || right > list.scrollLeft + list.clientWidth) list.scrollLeft = left - list.clientWidth / 2;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector(".image-strip");
  const shown = JSON.stringify(data.images);
  if (list.dataset.shown !== shown) {
    list.dataset.shown = shown;
    list.replaceChildren(...data.images.map(option));
  }
  mark(list, data.chosen, data.current);
  intoView(list);

  list.onclick = ({ target }) => {
    const { id } = target.closest("button")?.dataset ?? {};
    if (!id) return;
    mark(list, data.chosen.includes(id) ? data.chosen : [id], id);
    setTriggerValue("picked", id);
  };
  list.onkeydown = (event) => {
    const step = STEPS[event.key], options = [...list.children];
    if (!step || !options.length) return;
    event.preventDefault();
    const place = options.indexOf(document.activeElement) + step;
    options[Math.min(Math.max(place, 0), options.length - 1)].focus();
  };
}
