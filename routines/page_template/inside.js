"use strict";

// Look inside: the maps of all layers, one number of them that was chosen, and what its channel looks for.

const STRIP_HEIGHT = 198; // pixels, about, of the maps of a layer

// What a layer does, in a sentence. word: what an output is called, a digit or a class.
function describe(layer, isOutput, word) {
  const [channels, rows, columns] = layer.inputShape;
  const before = channels * rows * columns;
  if (layer instanceof Convolution) {
    const { filters, kernel, stride, padding } = layer;
    const steps = stride > 1 ? ` in steps of ${stride}` : "";
    const edge = padding ? ` A border of zeros, ${padding} wide, lies around.` : "";
    const seen = layer.number === 1 ? "the drawing" : `the ${count(channels, "map")} before`;
    return `${count(filters, "filter")} of ${kernel} × ${kernel} weights. Each slides over ${seen}${steps} and answers,
      place by place, how much what it meets there looks like itself.${edge}`;
  }
  if (layer instanceof Pooling) {
    return `Of each square of ${layer.pool} × ${layer.pool} numbers, ${layer.mean ? "the mean" : "the largest"} goes on: the maps
      become smaller, and where exactly something was matters less.`;
  }
  if (layer instanceof BatchNormalisation) return "Brings every channel to one scale, which was found in training.";
  if (layer instanceof Dropout) return "Works in training only: some numbers were left out, at random. Here all pass.";
  if (isOutput) {
    return `One unit for each ${word}. Each weighs all ${count(before, "number")} before it; the sums are the evidence, and
      softmax turns evidence into probabilities.`;
  }
  return `${count(layer.units, "unit")}. Each looks at all ${count(before, "number")} of the layer before at once, and weighs them.`;
}

class Inside {
  // data: what Python put into the page. changed: called when another number was chosen.
  constructor(network, data, sheets, changed) {
    Object.assign(this, { network, data, sheets, changed, chosenInput: null, pixels: new Float32Array(784) });
    this.last = network.layers.length;
    this.unit = { number: 1, channel: 0, row: 0, column: 0 };
    this.buildStrip();
    this.buildChoice();
  }

  get layer() {
    return this.network.layers[this.unit.number - 1];
  }

  // Which sees everything at once; its outputs are units, not maps.
  isFlat(layer) {
    return layer.outputShape[1] * layer.outputShape[2] === 1;
  }

  // Whether its numbers may be below 0: batch normalisation comes before its ReLU.
  isSigned(layer) {
    return !layer.relu && layer.number < this.last && "weight" in layer.arrays;
  }

  paint(layer, canvas, values, layout, high) {
    if (this.isSigned(layer)) paintMaps(canvas, values, layout, colours.signed, -high, high);
    else paintInk(canvas, values, layout, high);
  }

  // What a user sees of a layer: its output; of the last one, probabilities.
  shown(layer) {
    return layer.number === this.last ? softmax(layer.output, this.network.temperature) : layer.output;
  }

  buildStrip() {
    const figure = (title, notes, ...inside) =>
      make("div", { className: "layer" }, make("h3", {}, title), ...notes.map((note) => make("p", {}, note)), ...inside);
    this.input = make("canvas", { role: "img", "aria-label": "The drawing in 28 by 28 pixels" });
    this.strip = this.network.layers.map((layer) => {
      const canvas = make("canvas");
      const layout = layoutOf(layer.outputShape, STRIP_HEIGHT);
      const button = make("button", { className: "maps", type: "button" }, canvas);
      const [maps, rows, columns] = layer.outputShape;
      const flat = this.isFlat(layer);
      const isOutput = layer.number === this.last;
      const what = isOutput ? "the answer" : flat ? count(maps, "unit") : `${count(maps, "map")}, ${rows} × ${columns}`;
      button.setAttribute("aria-label", `Layer ${layer.number}, ${layer.token}, ${layer.kind}: ${what}. Look at it`);
      button.onclick = (event) => this.click(layer, layout, event);
      button.onpointermove = (event) => this.point(layer, layout, event);
      button.onpointerleave = () => (byId("pointed").textContent = "\u00a0");
      const holder = isOutput ? this.withNames(button, layout) : button;
      const element = figure(`${layer.number} · ${layer.token}`, [layer.kind, what], holder);
      return { layer, canvas, layout, button, element };
    });
    const first = figure("Drawing", ["in MNIST’s form", "28 × 28"], this.input);
    byId("strip").append(first, ...this.strip.map(({ element }) => element));
  }

  withNames(button, layout) {
    const height = `${layout.scale}px`;
    const names = this.data.model.classes.map((name) => {
      const item = make("li", {}, name);
      item.style.height = height;
      return item;
    });
    return make("div", { className: "output" }, make("ol", { "aria-hidden": "true" }, ...names), button);
  }

  buildChoice() {
    const options = this.network.layers.map(({ number, token }) => make("option", { value: number }, `${number}: ${token}`));
    byId("layer").append(...options);
    byId("layer").onchange = (event) => this.chooseStrongest(Number(event.target.value));
    byId("channel").oninput = (event) => {
      const channel = event.target.valueAsNumber;
      if (channel >= 0 && channel < this.layer.outputShape[0]) this.chooseStrongest(this.unit.number, channel);
    };
    byId("strongest").onclick = () => this.chooseStrongest(this.unit.number);
    const map = byId("map");
    const choose = (event) => {
      const place = placeUnder(event, map, this.mapLayout);
      if (place) this.choose({ ...this.unit, row: place.row, column: place.column });
    };
    map.onpointermove = (event) => event.pointerType === "mouse" && choose(event);
    map.onclick = choose;
    map.onkeydown = (event) => this.moveBy(event);
  }

  moveBy(event) {
    const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const [, rows, columns] = this.layer.outputShape;
    const row = Math.min(Math.max(this.unit.row + way[0], 0), rows - 1);
    const column = Math.min(Math.max(this.unit.column + way[1], 0), columns - 1);
    this.choose({ ...this.unit, row, column });
    speak(byId("unit-title").textContent);
  }

  click(layer, layout, event) {
    // A click by keyboard has no place: then it is the number that is highest.
    const place = event.detail ? placeUnder(event, event.currentTarget.querySelector("canvas"), layout) : null;
    if (place) this.choose({ number: layer.number, ...place });
    else this.chooseStrongest(layer.number);
  }

  point(layer, layout, event) {
    const place = placeUnder(event, event.currentTarget.querySelector("canvas"), layout);
    if (!place) return;
    const value = this.shown(layer)[indexOf(layer, place)];
    byId("pointed").textContent = `${this.nameOf({ number: layer.number, ...place })}: ${decimals(value)}`;
  }

  // Chooses the highest number of a layer, or of one of its channels.
  chooseStrongest(number, channel = null) {
    const layer = this.network.layers[number - 1];
    const map = layer.output.length / layer.outputShape[0];
    const first = channel === null ? 0 : channel * map;
    let best = first;
    for (let i = first; i < (channel === null ? layer.output.length : first + map); i++) {
      if (layer.output[i] > layer.output[best]) best = i;
    }
    this.choose({ number, ...placeOf(layer.outputShape, best) });
  }

  choose(unit) {
    const other = unit.number !== this.unit.number || unit.channel !== this.unit.channel;
    if (unit.number !== this.unit.number) this.chosenInput = null;
    this.unit = unit;
    this.showUnit();
    if (other) this.showChannel();
    if (other) this.changed();
  }

  wordOf(layer) {
    if (layer.number === this.last) return this.data.model.word;
    return this.isFlat(layer) ? "unit" : "channel";
  }

  nameOf({ number, channel, row, column }) {
    const layer = this.network.layers[number - 1];
    const name = layer.number === this.last ? this.data.model.classes[channel] : channel;
    const where = this.isFlat(layer) ? "" : `, row ${row}, column ${column}`;
    return `Layer ${number}, ${layer.token}: ${this.wordOf(layer)} ${name}${where}`;
  }

  // Shows what the network made of 784 pixels, in its last pass.
  update(pixels) {
    this.pixels = pixels;
    paintInk(this.input, pixels, imageLayout(4), 1);
    for (const { layer, canvas, layout } of this.strip) {
      const values = this.shown(layer);
      this.paint(layer, canvas, values, layout, layer.number === this.last ? 1 : largest(values));
    }
    this.showUnit();
  }

  showUnit() {
    const { unit, layer } = this;
    const value = this.shown(layer)[indexOf(layer, unit)];
    byId("unit-title").textContent = `${this.nameOf(unit)}: ${decimals(value)}`;
    byId("unit-kind").textContent = describe(layer, layer.number === this.last, this.data.model.word);
    byId("layer").value = unit.number;
    Object.assign(byId("channel"), { max: layer.outputShape[0] - 1, value: unit.channel });
    const word = this.isFlat(layer) ? "unit" : "channel";
    byId("channel-word").textContent = word[0].toUpperCase() + word.slice(1);
    for (const each of this.strip) this.frame(each);
    this.showField();
    this.showSource();
    this.showMap();
    const choose = (from) => {
      this.chosenInput = from;
      this.showUnit();
    };
    byId("sums").replaceChildren(...sumsOf(this.network, unit.number, unit, this.chosenInput, choose));
  }

  frame({ layer, layout, button, element }) {
    const on = layer.number === this.unit.number;
    element.classList.toggle("on", on);
    button.querySelector(".frame")?.remove();
    if (!on) return;
    const { across, gap, scale } = layout;
    const [, rows, columns] = layer.outputShape;
    const frame = make("span", { className: "frame" });
    const edge = 2;
    Object.assign(frame.style, {
      left: `${(this.unit.channel % across) * (columns + gap) * scale - edge}px`,
      top: `${Math.floor(this.unit.channel / across) * (rows + gap) * scale - edge}px`,
      width: `${columns * scale + 2 * edge}px`,
      height: `${rows * scale + 2 * edge}px`,
    });
    button.append(frame);
  }

  // How large a number of a map of so many rows is drawn, in pixels: as the style sheet has room for.
  scaleOf(rows) {
    const side = parseInt(getComputedStyle(document.documentElement).getPropertyValue("--figure"));
    return Math.max(1, Math.min(40, Math.floor(side / rows)));
  }

  // The drawing, and what the chosen number sees of it.
  showField() {
    const { number, row, column } = this.unit;
    const seen = this.network.receptiveField(number, row, column);
    const whole = seen.bottom - seen.top === 28 && seen.right - seen.left === 28;
    const [canvas, scale] = [byId("field"), this.scaleOf(28)];
    if (whole && !this.seesAll) this.showReasons(Array(784).fill(0)); // until they are known
    if (!whole) {
      paintInk(canvas, this.pixels, imageLayout(scale), 1);
      enlarge(canvas, scale);
      drawFrame(canvas, scaledFrame(seen, scale));
      const part = `rows ${seen.top} to ${seen.bottom - 1}, columns ${seen.left} to ${seen.right - 1}`;
      byId("field-title").textContent = "What it sees of the drawing";
      byId("field-note").textContent = `The frame is its receptive field: ${part}. Whatever lies outside cannot change it.`;
      canvas.setAttribute("aria-label", `The drawing; the receptive field is ${part}`);
    }
    this.seesAll = whole;
  }

  // The channel of the layer before that the numbers are of, where there are maps.
  showSource() {
    const { layer, unit } = this;
    const [, rows, columns] = layer.inputShape;
    const slides = layer instanceof Convolution || layer instanceof Pooling;
    byId("source-figure").hidden = !slides || layer.number === 1;
    if (byId("source-figure").hidden) return;
    const before = this.network.layers[layer.number - 2];
    const from = channelShown(layer, unit, this.chosenInput);
    const map = layer.input.subarray(from * rows * columns, (from + 1) * rows * columns);
    const scale = this.scaleOf(rows);
    const canvas = byId("source");
    this.paint(before, canvas, map, { ...mapLayout(rows, columns), scale }, largest(layer.input));
    enlarge(canvas, scale);
    const seen = inputField(layer, { top: unit.row, left: unit.column, bottom: unit.row + 1, right: unit.column + 1 });
    drawFrame(canvas, scaledFrame(seen, scale));
    byId("source-title").textContent = `Channel ${from} of layer ${before.number}, ${before.token}`;
    canvas.setAttribute("aria-label", `Map of channel ${from} of layer ${before.number}, which the numbers are of`);
  }

  // Colours the drawing by what each pixel added to the chosen number, for one that sees all of it.
  showReasons(reasons) {
    const canvas = byId("field");
    paintReasons(canvas, reasons, this.pixels, this.scaleOf(28));
    byId("field-title").textContent = "Which ink moves it";
    byId("field-note").textContent = `It sees the whole drawing. Blue ink raised it, orange ink lowered it, by integrated
      gradients; together they changed it by ${decimals(total(reasons))} from what a blank sheet gives.`;
    canvas.setAttribute("aria-label", "The drawing; each pixel coloured by how much it raised or lowered this number");
  }

  // The map of the chosen channel; for a fully connected unit, what it looks at in the layer before.
  showMap() {
    const { layer, unit } = this;
    const figure = byId("map-figure");
    const flat = this.isFlat(layer);
    figure.hidden = flat && !(layer instanceof FullyConnected);
    figure.classList.toggle("wide", flat);
    byId("map").hidden = flat;
    figure.querySelectorAll(".looks").forEach((each) => each.remove());
    if (!flat) return this.paintMap();
    if (figure.hidden) return;
    const { weights, products } = unitProducts(layer, unit.channel);
    const looks = [["Its weights", weights], ["Weights × values", products]].map(([title, values]) => {
      const canvas = make("canvas", { role: "img", "aria-label": `${title}, in the layout of the layer before` });
      paintSigned(canvas, values, layoutOf(layer.inputShape, 190));
      return make("div", {}, make("p", { className: "note" }, title), canvas);
    });
    byId("map-title").textContent = "What it looks at in the layer before";
    byId("map-note").textContent = "Blue is above 0, orange below. The weights are fixed; what they are multiplied by is your drawing’s.";
    byId("map").before(make("div", { className: "looks" }, ...looks));
  }

  paintMap() {
    const { layer, unit } = this;
    const [, rows, columns] = layer.outputShape;
    const map = layer.output.subarray(unit.channel * rows * columns, (unit.channel + 1) * rows * columns);
    const scale = this.scaleOf(rows);
    this.mapLayout = { ...mapLayout(rows, columns), scale };
    const canvas = byId("map");
    this.paint(layer, canvas, map, this.mapLayout, largest(layer.output));
    enlarge(canvas, scale);
    const frame = { top: unit.row, left: unit.column, bottom: unit.row + 1, right: unit.column + 1 };
    drawFrame(canvas, scaledFrame(frame, scale));
    byId("map-title").textContent = `Its channel, ${unit.channel}, has ${rows} × ${columns} numbers`;
    byId("map-note").textContent = "Point at any of them, tap it, or go by arrow keys.";
    canvas.setAttribute("aria-label", `Map of channel ${unit.channel}. ${this.nameOf(unit)}. Arrow keys choose another number`);
  }

  // What the chosen channel looks for: pictures that this project's feature visualization made, and test digits.
  showChannel() {
    const { unit, layer, data } = this;
    const source = data.sources[unit.number - 1];
    const target = byId("channel-pictures");
    const found = data.channels[source];
    if (!found) {
      target.replaceChildren(make("p", {}, "This layer passes on pixels of the drawing: there is nothing that it looks for."));
      return;
    }
    const word = this.wordOf(layer);
    const name = layer.number === this.last ? data.model.classes[unit.channel] : unit.channel;
    const parts = [make("h4", {}, `What ${word} ${name} looks for`)];
    if (source !== unit.number) {
      const text = `${layer.token} has no ${source > unit.number ? "ReLU" : "weights"} of its own: the pictures are of the same ${word} of
        layer ${source}, ${this.network.layers[source - 1].token}.`;
      parts.push(make("p", { className: "note" }, text));
    }
    const place = unit.channel;
    if (found.most[place] < 0) {
      parts.push(make("p", {}, `It is dead: none of the ${count(data.images, "test image")} excites it.`));
    } else {
      parts.push(...this.picturesOf(found, place, layer));
    }
    target.replaceChildren(...parts);
  }

  picturesOf(found, place, layer) {
    const { made, digits } = this.sheets;
    const picture = (sheet, number, scale, ...caption) => {
      const canvas = make("canvas", { role: "img", "aria-label": caption.join(" ") });
      paintInk(canvas, sheet.pixels(number), imageLayout(scale), 1);
      const [title, ...rest] = caption;
      return make("figure", {}, canvas, make("figcaption", {}, make("b", {}, title), ...rest));
    };
    const means = this.isFlat(layer) ? "what it puts out" : "means over the whole map";
    const mean = layer.number === this.last ? "Numbers are logits." : `Numbers are ${means}, after ReLU; of the least, before.`;
    const text = `The first two were not drawn by anyone: starting from noise, the network’s own gradient changed all pixels,
      step by step, so that the number went as high, or as low, as it would. ${mean}`;
    const nine = found.examples[place].map((digit, i) =>
      picture(digits, digit, 2, short(found.excited[place][i]), `a ${this.data.sheets.labels[digit]}`)
    );
    return [
      make("p", { className: "note" }, text),
      make(
        "div",
        { className: "pictures" },
        picture(made, found.most[place], 5, "Made to excite it", ` to ${short(found.reached[place])}`),
        picture(made, found.least[place], 5, "Made to silence it", ` to ${short(found.lowest[place])}`),
        make("div", {}, make("p", { className: "note" }, "The nine test images that excite it most"), make("div", { className: "nine" }, ...nine))
      ),
    ];
  }
}
