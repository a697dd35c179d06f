"use strict";

// The page: reads while somebody draws, keeps drawings, and explains one class against another.

const data = JSON.parse(byId("data").textContent);
const { classes, word } = data.model;
const arrays = decodeArrays(data.weights.base64, data.weights.index);
const network = new Network(data.model, arrays);
const sheets = { made: new Sheet(data.sheets.made), digits: new Sheet(data.sheets.digits) };

// For programs: 784 numbers from 0 to 1, row by row, to the probability of each class.
const reader = new Network(data.model, arrays);
globalThis.readDigit = (pixels) => {
  const given = Array.from(pixels);
  if (given.length === 784 && given.every((pixel) => pixel >= 0 && pixel <= 1)) return reader.probabilities(given);
  throw new RangeError("readDigit takes 784 numbers from 0 to 1, row by row, 0 for paper and 1 for ink.");
};

// Whether what was drawn is taken for a digit at all: where the network is less sure than this, it says that it is not.
function looksLikeADigit(probabilities) {
  return Math.max(...probabilities) >= data.threshold;
}

// Long work in steps of a few milliseconds, so that drawing goes on meanwhile; what is known so far is shown now and
// then, and at the end. A new one ends the one before.
class Job {
  start(steps, show, wait) {
    clearTimeout(this.timer);
    this.finished = false;
    let [shown, found] = [performance.now() + wait, null];
    const go = () => {
      const until = performance.now() + 8;
      let result;
      do {
        result = steps.next();
        found = result.value ?? found;
      } while (!result.done && performance.now() < until);
      if (result.done || performance.now() - shown > 250) {
        show(found);
        shown = performance.now();
      }
      this.finished = result.done;
      if (!result.done) this.timer = setTimeout(go);
    };
    this.timer = setTimeout(go, wait);
  }

  stop() {
    clearTimeout(this.timer);
  }
}

// Reading

let drawn = false; // whether there is anything on the paper
let pixels = new Float32Array(784);
let probabilities = [];
let due = false;

function paperChanged() {
  drawn = !paper.empty;
  byId("hint").textContent = paper.example ? "A test image: draw over it" : "Draw here";
  byId("hint").hidden = paper.strokes.length > 0;
  byId("undo").disabled = !paper.strokes.length;
  byId("clear").disabled = !drawn;
  keeping();
  // Many moves of a pen come between two frames of the screen: they are read once.
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    read();
    if (!paper.current) settle();
  });
}

function read() {
  pixels = paper.pixels() ?? new Float32Array(784);
  probabilities = network.probabilities(pixels);
  paintInk(byId("seen"), pixels, imageLayout(5), 1);
  showBars();
  inside.update(pixels);
}

// What is slower, or read aloud, waits until the pen is lifted.
function settle() {
  if (drawn) {
    const best = order()[0];
    speak(`${classes[best]}, ${percent(probabilities[best])}`);
  }
  explain();
  explainUnit();
}

const order = () => classes.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);

function buildBars() {
  byId("bars").append(...classes.map((name) => make("li", {}, make("b", {}, name), make("i"), make("span"))));
}

function showBars() {
  const [best, second] = order();
  [...byId("bars").children].forEach((row, i) => {
    row.classList.toggle("best", drawn && i === best);
    row.style.setProperty("--share", drawn ? probabilities[i].toFixed(4) : 0);
    row.lastChild.textContent = drawn ? percent(probabilities[i]) : "";
  });
  const [answer, sentence] = byId("answer").children;
  const sure = percent(probabilities[best]);
  answer.className = classes[best].length > 2 ? "word" : "";
  if (!drawn) [answer.textContent, sentence.textContent] = ["", `Draw a ${word}: it is read while you draw.`];
  else if (!looksLikeADigit(probabilities)) {
    const any = word === "digit" ? "a digit" : "any of its classes";
    const text = `This does not look like ${any}. The best guess is ${classes[best]}, with ${sure}.`;
    [answer.textContent, sentence.textContent] = ["?", text];
  } else if (probabilities[best] < data.sure) {
    const text = `Perhaps, with ${sure}. Or ${classes[second]}, with ${percent(probabilities[second])}.`;
    [answer.textContent, sentence.textContent] = [classes[best], text];
  } else [answer.textContent, sentence.textContent] = [classes[best], `${sure} sure.`];
}

// Keeping drawings

const kept = [];
let unsaved = false;

function buildKeep() {
  if (classes.some((name) => name.length > 2)) byId("keep").classList.add("words");
  byId("keep").append(
    ...classes.map((name, label) => {
      const button = make("button", { type: "button" }, name);
      button.setAttribute("aria-label", `Keep the drawing: it is a ${name}`);
      button.onclick = () => keep(label);
      return button;
    })
  );
}

function keeping() {
  for (const button of byId("keep").children) button.disabled = !paper.strokes.length;
}

async function keep(label) {
  const drawing = { label, pixels: pixels.slice(), png: paper.png() };
  paper.clear();
  kept.push({ ...drawing, png: await drawing.png });
  unsaved = true;
  byId("keep-note").textContent = `Kept as ${classes[label]}. Draw the next one.`;
  showKept();
}

function showKept() {
  const items = kept.map((drawing, i) => {
    const canvas = make("canvas");
    paintInk(canvas, drawing.pixels, imageLayout(1), 1);
    const button = make("button", { type: "button", title: "Remove it" }, canvas, classes[drawing.label]);
    button.setAttribute("aria-label", `Remove this ${classes[drawing.label]}`);
    button.onclick = () => {
      kept.splice(i, 1);
      showKept();
    };
    return make("li", {}, button);
  });
  byId("kept").replaceChildren(...items);
  byId("download").disabled = !kept.length;
  const number = kept.length > 1 ? `my ${kept.length} digits` : "my digits";
  byId("download").textContent = `Download ${word === "digit" ? number : number.replace("digits", "drawings")}`;
}

// The names of the files are what a program learns from: 7_001.png.
function download() {
  const counts = new Map();
  const files = kept.map(({ label, png }) => {
    const number = (counts.get(label) ?? 0) + 1;
    counts.set(label, number);
    const name = classes[label].replace(/[^\p{L}\p{N}-]+/gu, "-");
    return { name: `${name}_${String(number).padStart(3, "0")}.png`, bytes: png };
  });
  const link = make("a", { href: URL.createObjectURL(makeZip(files)), download: "my_digits.zip" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  unsaved = false;
  byId("keep-note").textContent = `${count(files.length, "picture")} in my_digits.zip.`;
}

// Why this and not that

const why = { job: new Job(), network: new Network(data.model, arrays), chosen: false };
const unitJob = { job: new Job(), network: new Network(data.model, arrays) };

function buildWhy() {
  for (const id of ["why-digit", "why-other"]) {
    byId(id).append(...classes.map((name, i) => make("option", { value: i }, name)));
    byId(id).onchange = () => {
      why.chosen = true;
      explain();
    };
  }
}

function explain() {
  if (!drawn) why.chosen = false;
  if (!why.chosen) {
    const [best, second] = order();
    byId("why-digit").value = best;
    byId("why-other").value = second;
  }
  const [digit, other] = [Number(byId("why-digit").value), Number(byId("why-other").value)];
  const weights = classes.map((_, i) => (i === digit) - (i === other));
  const last = network.layers.length;
  const steps = integratedGradients(why.network, pixels, last, weights);
  const image = pixels;
  why.job.start(steps, (reasons) => showReasons(image, Array.from(reasons), digit, other), drawn ? 120 : 0);
}

function showReasons(image, reasons, digit, other) {
  const lead = (logits) => logits[digit] - logits[other];
  const blank = lead(why.network.forward(new Float32Array(784)));
  const ahead = lead(why.network.forward(image));
  const [one, two] = [classes[digit], classes[other]];
  paintReasons(byId("why-picture"), reasons, image, 12);
  byId("why-picture").setAttribute("aria-label", `The drawing; ink that speaks for ${one} is blue, for ${two} orange`);
  const legend = document.querySelector(".legend");
  legend.children[0].textContent = `speaks for ${one}`;
  legend.children[1].textContent = `speaks for ${two}`;
  const amount = (sign) => total(reasons.filter((value) => value * sign > 0));
  const sentence = `Ink that speaks for ${one} is blue, ink that speaks for ${two} orange. The blue adds ${short(amount(1))} to
    the lead of ${one}, the orange takes ${short(-amount(-1))} away.`;
  byId("why-text").textContent = digit === other ? "Choose two that differ." : drawn ? sentence : `Draw a ${word} first.`;
  const times = Math.exp(Math.abs(ahead) / network.temperature);
  const rows = [
    [`the evidence (logit) for ${one}`, why.network.layers.at(-1).output[digit]],
    [`the evidence for ${two}`, why.network.layers.at(-1).output[other]],
    [`the lead of ${one}`, ahead],
    ["of which a blank sheet gives", blank],
    ["and the ink", ahead - blank],
    ["which is all coloured pixels, added up", total(reasons)],
  ];
  const table = sumTable(rows);
  table.id = "why-sums";
  const more = times > 1e6 ? "more than a million" : times.toLocaleString("en", { maximumSignificantDigits: 3 });
  const [likely, unlikely] = ahead < 0 ? [two, one] : [one, two];
  const ratio = `So ${likely} is ${more} times as probable as ${unlikely}: e to the power of the lead` +
    (network.temperature === 1 ? "." : ` over the temperature, ${decimals(network.temperature)}.`);
  table.append(make("caption", { className: "note" }, ratio));
  byId("why-sums").replaceWith(table);
}

// What a unit that sees the whole drawing made of it.
function explainUnit() {
  unitJob.job.stop();
  if (!inside.seesAll) return;
  const { number, channel, row, column } = inside.unit;
  const layer = unitJob.network.layers[number - 1];
  const weights = new Float32Array(layer.output.length);
  weights[indexOf(layer, { channel, row, column })] = 1;
  const steps = integratedGradients(unitJob.network, pixels, number, weights);
  unitJob.job.start(steps, (reasons) => inside.seesAll && inside.showReasons(Array.from(reasons)), 30);
}

// Begin

function showExample() {
  const number = Math.floor(Math.random() * data.sheets.labels.length);
  paper.show(sheets.digits.pixels(number));
}

function repaint() {
  colours.read();
  paper.paint();
  read();
  inside.showChannel();
  settle();
}

colours.read();
probabilities = network.probabilities(pixels);
buildBars();
buildKeep();
buildWhy();
const inside = new Inside(network, data, sheets, explainUnit);
const paper = new Paper(byId("paper"), paperChanged);
byId("undo").onclick = () => paper.undo();
byId("clear").onclick = () => paper.clear();
byId("example").onclick = showExample;
byId("download").onclick = download;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
addEventListener("resize", () => inside.showUnit());
addEventListener("beforeunload", (event) => unsaved && kept.length && event.preventDefault());
Promise.all([sheets.made.ready, sheets.digits.ready]).then(() => {
  if (paper.empty) showExample();
  requestAnimationFrame(() => inside.chooseStrongest(1));
  inside.showChannel();
  document.documentElement.dataset.ready = "true";
});
