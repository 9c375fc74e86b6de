// Plays lossless frames in the browser: play, pause, scrub; beside each frame what every model answers to it.
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".film-player");
  const picture = root.querySelector("img");
  const slider = root.querySelector("input");
  const button = root.querySelector("button");
  const place = root.querySelector("output");
  const answers = root.querySelector("tbody");
  let frame = 0;
  let timer = null;

  function answerCells(model) {
    const [label, share, flipped] = model.answers[frame];
    return [model.title, label, share, flipped ? "flip" : "", `${model.flips[frame]}`];
  }

  function show(next) {
    frame = next;
    slider.value = frame;
    picture.src = data.frames[frame];
    place.textContent = `frame ${frame + 1} of ${data.frames.length}`;
    answers.replaceChildren(
      ...data.models.map((model) => {
        const row = document.createElement("tr");
        row.style.borderLeft = `4px solid ${model.colour}`;
        row.classList.toggle("flipped", Boolean(model.answers[frame][2]));
        row.append(
          ...answerCells(model).map((text) => {
            const cell = document.createElement("td");
            cell.textContent = text;
            return cell;
          })
        );
        return row;
      })
    );
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  }

  function play() {
    if (frame >= data.frames.length - 1) show(0);
    button.textContent = "Pause";
    timer = setInterval(() => (frame >= data.frames.length - 1 ? pause() : show(frame + 1)), data.milliseconds);
  }

  slider.max = data.frames.length - 1;
  slider.oninput = () => {
    pause();
    show(Number(slider.value));
  };
  button.onclick = () => (timer ? pause() : play());
  Promise.all(data.frames.map((source) => Object.assign(new Image(), { src: source }).decode())).then(() => (root.dataset.ready = "yes"));
  show(0);
  return pause;
}
