// What a student's phone shows of a class. The server says what there is to see; texts are always set as text, never as
// markup.

const code = (location.pathname.match(/\/class\/([A-Za-z]+)\/?$/) ?? [])[1];
const main = document.getElementById("main");
const RETRY_MS = 1500;
const MOST_OF_STIMULUS = 3, MOST_OPEN = 10;
let view = null; // what the server said last
let place = 0; // of the stimulus that is on
let source = null;

/** An element with attributes, listeners (on…) and children; a text is a text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

async function send(what, body) {
  const answer = await fetch(`${code}/${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({ error: "The server did not answer; try again." }));
  if (!answer.ok) throw new Error(said.error ?? "The server did not answer; try again.");
  return said;
}

function say(sentence) {
  document.getElementById("foot").replaceChildren(element("p", { class: "error", role: "alert" }, sentence));
}

function askForCode() {
  const field = element("input", { type: "text", id: "code", maxlength: 5, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  const form = element("form", {
    onsubmit: (event) => {
      event.preventDefault();
      const typed = field.value.trim().toUpperCase();
      if (/^[A-Z]{5}$/.test(typed)) location.href = typed;
      else say("A code has five letters.");
    },
  }, element("label", { for: "code" }, "The code of the class, five letters"), field, element("p"), element("button", { class: "go" }, "Join"));
  main.replaceChildren(form);
  field.focus();
}

async function join() {
  try {
    draw(await send("join", {}));
    listen();
  } catch (error) {
    main.replaceChildren(element("p", {}, error.message), element("p", {}, element("a", { href: "../class" }, "Type another code")));
  }
}

function listen() {
  source?.close();
  source = new EventSource(`${code}/view`);
  source.onmessage = (event) => {
    document.getElementById("foot").replaceChildren();
    draw(JSON.parse(event.data));
    if (view.over) source.close();
  };
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return say("The connection was lost; trying again …");
    setTimeout(join, RETRY_MS); // the seat is in a cookie: who comes back has it, and the votes
  };
}

function draw(seen) {
  const same = view && !view.over && !seen.over && view.scene.key === seen.scene.key && view.scene.phase === seen.scene.phase;
  view = seen;
  document.getElementById("title").textContent = seen.title;
  if (seen.over) {
    document.getElementById("where").textContent = "";
    main.replaceChildren(element("h2", {}, "The class is over."), element("p", { class: "quiet" }, "Nothing of it was stored."));
    return;
  }
  const { scene } = seen;
  document.getElementById("where").textContent = `${scene.place} of ${scene.of} · seat ${seen.seat}`;
  if (same && scene.phase === "open") return drawAround(); // a bet that is being made is not taken from under the finger
  place = firstWithoutVote(scene);
  main.replaceChildren(
    element("p", { class: "quiet" }, scene.title), element("h2", {}, scene.question), element("div", { id: "images" }),
    seen.reveal ? reveal(seen) : element("div", { id: "bet" }), element("div", { id: "roam" }), nameField(seen),
  );
  if (!seen.reveal) drawBet();
  drawAround();
}

/** What stands around a bet and may come while it is being made. */
function drawAround() {
  drawImages();
  drawRoam();
}

function drawImages() {
  const { scene } = view;
  const here = document.getElementById("images");
  const places = scene.images.map(({ place, label }) => place + label).join();
  if (!here || here.dataset.places === places) return;
  here.dataset.places = places;
  here.replaceChildren(...scene.images.map(({ place, title, alt, label }) => element("figure", {},
    element("img", { src: `${code}/image/${scene.key}/${place}`, alt }), element("figcaption", {}, [title, label].filter(Boolean).join(". ")))));
}

function drawRoam() {
  const here = document.getElementById("roam");
  here?.replaceChildren(...(view.roam ? [element("p", {}, element("a", { href: `../${view.scene.link}`, target: "_blank", rel: "noopener" }, "Look at it yourself"))] : []));
}

const firstWithoutVote = (scene) => {
  for (let part = 0; part < scene.bet.parts; part++) if (scene.votes[part] === undefined) return part;
  return scene.bet.parts;
};

function drawBet() {
  const { scene } = view;
  const here = document.getElementById("bet");
  if (!here) return;
  const locked = scene.phase !== "open";
  here.replaceChildren(BETS[scene.bet.kind](scene, locked), element("p", { class: "quiet", role: "status" }, standing(scene, locked)));
}

function standing(scene, locked) {
  const made = Object.keys(scene.votes).length;
  if (locked) return made ? "Locked. Your bet is in." : "Locked.";
  if (scene.bet.parts > 1) return `${made} of ${scene.bet.parts} answered.`;
  return made ? "Your bet is in. You can change it until it is locked." : "";
}

async function vote(value, part = 0) {
  const { scene } = view;
  try {
    const { counted } = await send("vote", { scene: scene.key, part, vote: value });
    scene.votes[part] = counted;
    document.getElementById("foot").replaceChildren();
  } catch (error) {
    say(error.message);
  }
  if (view.scene === scene) drawBet();
}

const BETS = {
  choice: (scene, locked) => element("div", { class: "options" }, ...scene.bet.options.map((option, number) => element("button", {
    disabled: locked, "aria-pressed": String(scene.votes[0] === number), onclick: () => vote(number),
  }, option))),

  number: (scene, locked) => {
    const { low, high, step, unit } = scene.bet;
    const first = scene.votes[0] ?? low + step * Math.round((high - low) / 2 / step);
    const shown = element("output", {}, worded(first, unit));
    const slider = element("input", {
      type: "range", min: low, max: high, step, value: first, disabled: locked, "aria-label": scene.question,
      oninput: () => { shown.textContent = worded(Number(slider.value), unit); },
    });
    return element("div", {}, shown, slider, element("button", { class: "go", disabled: locked, onclick: () => vote(Number(slider.value)) }, "Bet"));
  },

  place: (scene, locked) => {
    const frame = element("div", { class: "frame" }, element("img", { src: `${code}/shown/${scene.key}/0`, alt: "The image of this bet" }));
    const mark = ([across, down]) => frame.append(element("span", { class: "mark", style: `left:${100 * across}%;top:${100 * down}%` }));
    if (scene.votes[0]) mark(scene.votes[0]);
    if (!locked) {
      frame.addEventListener("click", (event) => {
        const box = frame.getBoundingClientRect();
        vote([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
      });
    }
    return element("div", {}, frame, element("p", { class: "quiet" }, "Tap the image."));
  },

  word: (scene, locked) => {
    const field = element("input", { type: "text", maxlength: 24, value: scene.votes[0] ?? "", disabled: locked, "aria-label": scene.question });
    return element("form", { onsubmit: (event) => { event.preventDefault(); vote(field.value); } }, field, element("p"), element("button", { class: "go", disabled: locked }, "Send"));
  },

  stimuli: (scene, locked) => {
    if (locked || place >= scene.bet.parts) return element("p", {}, "All answered. Thank you.");
    const frame = element("div", { class: "frame" });
    const answers = element("div", { class: "options many", hidden: true }, ...scene.bet.categories.map((name, number) => element("button", {
      onclick: () => {
        if (answers.hidden) return; // a second tap is no answer to the next image
        answers.hidden = true;
        const answered = place;
        place += 1;
        vote(number, answered);
      },
    }, name)));
    const begin = element("button", { class: "go", onclick: () => { begin.hidden = true; flash(frame, scene, place, () => { answers.hidden = false; }); } },
      `Show image ${place + 1} of ${scene.bet.parts}`);
    return element("div", {}, frame, begin, answers);
  },
};

/** An image for its time, then noise as long, as in the published experiments; `done` is called afterwards. */
async function flash(frame, scene, part, done) {
  const image = element("img", { src: `${code}/shown/${scene.key}/${part}`, alt: "An image, seen for a moment" });
  try {
    await image.decode();
  } catch {
    say("The image did not come; try again.");
    return done();
  }
  frame.replaceChildren(image);
  await new Promise((next) => setTimeout(next, scene.bet.shown_ms));
  const noise = element("canvas", { width: 128, height: 128, style: "width:100%;height:100%;border-radius:inherit" });
  const context = noise.getContext("2d");
  const pixels = context.createImageData(128, 128);
  for (let at = 0; at < pixels.data.length; at += 4) {
    pixels.data[at] = pixels.data[at + 1] = pixels.data[at + 2] = 255 * Math.random();
    pixels.data[at + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  frame.replaceChildren(noise);
  setTimeout(() => { frame.replaceChildren(); done(); }, 200);
}

const worded = (value, unit) => (unit === "255ths" ? `${value}/255` : unit.startsWith("%") ? `${value}${unit}` : unit ? `${value} ${unit}` : String(value));
const percent = (share) => `${(100 * share[0]).toFixed(0)}% [${(100 * share[1]).toFixed(0)}, ${(100 * share[2]).toFixed(0)}]`;

function reveal({ scene, reveal: found, leaders }) {
  const parts = found.counts.map((counts, part) => [
    found.stimuli[part] ? stimulus(scene, part, found.stimuli[part]) : null,
    yours(scene, found.yours[part]), bars(shownOf(scene.bet, counts), found.right_options),
  ]).flat();
  return element("div", {},
    element("p", { class: "quiet" }, `n = ${found.n}`), ...parts,
    found.right && element("p", {}, "Right: ", element("span", { class: "right" }, found.right), "."),
    found.class_right && element("p", {}, `Right in this class: ${percent(found.class_right)}.`),
    found.answers.length ? element("details", { open: found.answers.length <= MOST_OPEN },
      element("summary", {}, `Models and people, ${found.answers.length} numbers`),
      element("ul", { class: "answers" }, ...found.answers.map(answer))) : null,
    ...found.published.map((sentence) => element("p", { class: "quiet" }, `Published: ${sentence}`)),
    found.stays && element("p", { class: "stays" }, found.stays),
    found.answers.length ? element("details", {}, element("summary", { class: "quiet" }, "Protocols and sources"),
      element("ul", { class: "answers" }, ...found.answers.map(protocol))) : null,
    leaders && leaders.length ? element("ol", {}, ...leaders.map(([who, right, judged]) => element("li", {}, `${who}: ${right} of ${judged}`))) : null,
  );
}

/** Every answer where their order says something, else those that came, and of stimuli the most frequent. */
function shownOf(bet, counts) {
  if (bet.kind === "choice" || bet.kind === "number") return counts;
  if (bet.kind === "place") return []; // the room sees all places on the image
  const came = counts.filter(({ count }) => count);
  return bet.kind === "stimuli" ? came.sort((one, other) => other.count - one.count).slice(0, MOST_OF_STIMULUS) : came;
}

function yours(scene, own) {
  if (!own) return null;
  const said = scene.bet.kind === "choice" ? scene.bet.options[own.vote]
    : scene.bet.kind === "stimuli" ? scene.bet.categories[own.vote]
      : scene.bet.kind === "number" ? worded(own.vote, scene.bet.unit)
        : scene.bet.kind === "place" ? own.vote.map((share) => `${Math.round(100 * share)}%`).join(" from the left, ") + " from the top" : own.vote;
  const judged = own.right === null ? null : element("span", { class: own.right ? "right" : "wrong" }, own.right ? " Right." : " Not this time.");
  const shared = scene.bet.kind === "place" ? "" : ` ${percent(own.share)} of the class said the same.`;
  return element("p", {}, `You said ${said}.`, judged, shared);
}

function bars(counts, right) {
  const most = Math.max(1, ...counts.map(({ count }) => count));
  return element("div", { class: "bars" }, ...counts.flatMap(({ answer, count }, place) => [
    element("span", { class: right.includes(place) && "right" }, answer),
    element("span", {}, element("i", { class: right.includes(place) && "right", style: `width:${100 * count / most}%` })),
    element("b", {}, String(count)),
  ]));
}

function answer(one) {
  const n = one.n === null ? "" : ` · n = ${one.n.toLocaleString("en")}`;
  return element("li", {}, `${one.who}: ${one.said}`, element("small", {}, `${one.origin.toUpperCase()}${n}`));
}

const protocol = (one) => element("li", {}, one.who, element("small", {}, `${one.origin.toUpperCase()} · ${one.protocol}; ${one.source}`));

/** What was seen for a moment, with both its cues. */
const stimulus = (scene, part, { shape, texture }) => element("figure", { class: "seen" },
  element("img", { src: `${code}/shown/${scene.key}/${part}`, alt: `Image ${part + 1}` }),
  element("figcaption", {}, `Image ${part + 1}: shape ${shape}, texture ${texture}`));

function nameField(seen) {
  const field = element("input", { type: "text", id: "name", maxlength: 24, autocomplete: "off" });
  const done = element("p", { class: "quiet", "aria-live": "polite" });
  return element("details", {}, element("summary", { class: "quiet" }, "A name for the leaderboard (optional)"),
    element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        send("join", { name: field.value }).then(
          () => { done.textContent = "Saved until the class ends."; }, (error) => { done.textContent = error.message; });
      },
    }, element("label", { for: "name" }, "A name, not necessarily yours"), field, element("p"), element("button", { class: "go" }, "Save"), done));
}

if (code) join();
else askForCode();
