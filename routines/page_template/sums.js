"use strict";

// How one number of a layer came about, in numbers that can be checked with a pencil.

const NUMBERS_SHOWN = 8; // of the products of a fully connected unit

// Returns elements that show it. place: {channel, row, column}. chosen: which channel of the input is shown whole, or
// null for the one that counts most; choose: called with another one.
function sumsOf(network, number, place, chosen, choose) {
  const layer = network.layers[number - 1];
  if (layer instanceof Convolution) return convolutionSums(layer, place, chosen, choose, after(network, number));
  if (layer instanceof FullyConnected) return unitSums(network, number, place);
  if (layer instanceof Pooling) return poolingSums(layer, place);
  if (layer instanceof BatchNormalisation) return normalisationSums(layer, place);
  const share = `${decimals(100 * layer.share, 0)}%`;
  const text = `While the network learned, ${share} of these numbers were left out in each step, at random, so that no unit
    could rely on another. Now all pass as they are: ${decimals(layer.output[indexOf(layer, place)])}.`;
  return [make("h4", {}, "How it was computed"), make("p", {}, text)];
}

// Which channel of its input a convolution shows whole: the one that was chosen, or the one that counts most.
function channelShown(layer, place, chosen) {
  if (!(layer instanceof Convolution)) return place.channel;
  const sums = Array.from({ length: layer.inputShape[0] }, (_, from) => Math.abs(meeting(layer, place, from).sum));
  return chosen ?? sums.indexOf(Math.max(...sums));
}

function indexOf(layer, { channel, row, column }) {
  const [, rows, columns] = layer.outputShape;
  return (channel * rows + row) * columns + column;
}

// What happens to the sum of a layer with weights: a list of [text, number].
function after(network, number) {
  const layer = network.layers[number - 1];
  return (sum) => {
    if (layer.relu) return [["ReLU: below 0 becomes 0", Math.max(sum, 0)]];
    const next = network.layers[number];
    return next ? [[`no ReLU yet: ${next.token} comes first`, sum]] : [];
  };
}

function sumTable(rows) {
  const cells = rows.map(([text, number], i) =>
    make("tr", { className: i === rows.length - 1 ? "total" : "" }, make("td", {}, text), make("td", {}, decimals(number)))
  );
  return make("table", { className: "sum" }, ...cells);
}

// A square of numbers, coloured by them. marks: the class of each, where it has one.
function grid(caption, values, columns, marks = []) {
  const most = largest(values);
  const rows = [];
  for (let first = 0; first < values.length; first += columns) {
    const cells = values.slice(first, first + columns).map((value, i) => {
      const cell = make("td", { className: marks[first + i] ?? "" }, decimals(value));
      shade(cell, value / most);
      return cell;
    });
    rows.push(make("tr", {}, ...cells));
  }
  return make("div", { className: "scroll" }, make("table", { className: "grid" }, make("caption", {}, caption), ...rows));
}

// Colours an element by a number from -1 to 1.
function shade(element, value) {
  element.style.setProperty("--shade", value < 0 ? "var(--against)" : "var(--for)");
  element.style.setProperty("--much", Math.abs(value).toFixed(3));
}

const sign = (text) => make("span", { className: "sign", "aria-hidden": "true" }, text);

// What a filter meets, its weights and their products, in one channel of the input: {values, weights, products, sum}.
function meeting(layer, { channel, row, column }, from) {
  const { kernel, padding, stride } = layer;
  const [channels, height, width] = layer.inputShape;
  const [values, marks] = [[], []];
  for (let y = row * stride - padding; y < row * stride - padding + kernel; y++) {
    for (let x = column * stride - padding; x < column * stride - padding + kernel; x++) {
      const outside = y < 0 || x < 0 || y >= height || x >= width;
      values.push(outside ? 0 : layer.input[(from * height + y) * width + x]);
      marks.push(outside ? "outside" : "");
    }
  }
  const first = (channel * channels + from) * kernel * kernel;
  const weights = Array.from(layer.arrays.weight.subarray(first, first + kernel * kernel));
  const products = values.map((value, i) => value * weights[i]);
  return { from, values, marks, weights, products, sum: total(products) };
}

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

function convolutionSums(layer, place, chosen, choose, afterwards) {
  const [channels] = layer.inputShape;
  const all = Array.from({ length: channels }, (_, from) => meeting(layer, place, from));
  const shown = all[channelShown(layer, place, chosen)];
  const { kernel } = layer;
  const before = layer.number === 1 ? "drawing" : `layer ${layer.number - 1}`;
  const of = channels > 1 ? `channel ${shown.from} of ${before}` : `the ${before}`;
  const parts = [
    make("h4", {}, `How it was computed`),
    make(
      "div",
      { className: "equation" },
      grid(`What it sees of ${of}`, shown.values, kernel, shown.marks),
      sign("×"),
      grid("Its weights there", shown.weights, kernel),
      sign("="),
      grid(`Products, together ${decimals(shown.sum)}`, shown.products, kernel)
    ),
  ];
  const bias = layer.arrays.bias[place.channel];
  const products = total(all.map((each) => each.sum));
  const rows = [[`all ${count(kernel * kernel * channels, "product")}, added up`, products]];
  if (channels > 1) {
    const text = `The filter has such a square of weights for each of ${channels} channels. What each of them adds; press
      one to see its numbers:`;
    parts.push(make("p", { className: "note" }, text), chips(all, shown, choose));
  }
  rows.push(["bias", bias], ["sum", products + bias], ...afterwards(products + bias));
  return [...parts, sumTable(rows), roundingNote()];
}

function roundingNote() {
  return make("p", { className: "note" }, "Numbers are shown rounded; a pencil may differ in the last digit.");
}

function chips(all, shown, choose) {
  const most = largest(all.map((each) => each.sum));
  const buttons = all.map((each) => {
    const label = make("small", {}, `${each.from}`);
    const button = make("button", { type: "button", "aria-pressed": String(each === shown) }, label, decimals(each.sum));
    button.setAttribute("aria-label", `Channel ${each.from} adds ${decimals(each.sum)}`);
    button.onclick = () => choose(each.from);
    shade(button, each.sum / most);
    return button;
  });
  return make("div", { className: "chips" }, ...buttons);
}

function poolingSums(layer, place) {
  const index = indexOf(layer, place);
  const inputs = layer.windows[index];
  const values = inputs.map((i) => layer.input[i]);
  const last = placeOf(layer.inputShape, inputs[inputs.length - 1]);
  const columns = last.column - placeOf(layer.inputShape, inputs[0]).column + 1;
  const won = layer.mean ? -1 : inputs.indexOf(layer.winners[index]);
  const winner = placeOf(layer.inputShape, layer.winners[index]);
  const marks = values.map((_, i) => (i === won ? "winner" : ""));
  const text = layer.mean
    ? `Their mean goes on: ${decimals(total(values))} / ${values.length} = ${decimals(layer.output[index])}.`
    : `The largest of them wins and goes on: ${decimals(layer.output[index])}, from row ${winner.row}, column ${winner.column}.`;
  return [
    make("h4", {}, "How it was computed"),
    make("div", { className: "equation" }, grid(`Its ${count(values.length, "number")}`, values, columns, marks)),
    make("p", {}, text),
  ];
}

function normalisationSums(layer, place) {
  const index = indexOf(layer, place);
  const number = (name) => layer.arrays[name][place.channel];
  const value = layer.input[index];
  const deviation = Math.sqrt(number("variance") + layer.epsilon);
  const normal = (value - number("mean")) / deviation;
  const moved = normal * number("gamma") + number("beta");
  const rows = [
    ["it gets", value],
    ["less the mean of this channel in training", -number("mean")],
    [`divided by the standard deviation, ${decimals(deviation)}`, normal],
    [`times gamma, ${decimals(number("gamma"))}`, normal * number("gamma")],
    ["plus beta", number("beta")],
    ["together", moved],
  ];
  if (layer.relu) rows.push(["ReLU: below 0 becomes 0", Math.max(moved, 0)]);
  return [make("h4", {}, "How it was computed"), sumTable(rows), roundingNote()];
}

// What an input of a fully connected layer is called.
function inputName(layer, index) {
  const [, rows, columns] = layer.inputShape;
  const { channel, row, column } = placeOf(layer.inputShape, index);
  return rows * columns > 1 ? `channel ${channel}, row ${row}, column ${column}` : `unit ${channel}`;
}

function unitSums(network, number, place) {
  const layer = network.layers[number - 1];
  const { weights, products } = unitProducts(layer, place.channel);
  const order = products.map((_, i) => i).sort((a, b) => Math.abs(products[b]) - Math.abs(products[a]));
  const shown = order.slice(0, NUMBERS_SHOWN);
  const before = number === 1 ? "the drawing" : `layer ${number - 1}, ${network.layers[number - 2].token}`;
  const head = ["Input", "Value", "Weight", "Product"].map((text, i) => make("th", i ? { className: "number" } : {}, text));
  const rows = shown.map((i) =>
    make(
      "tr",
      {},
      make("td", {}, inputName(layer, i)),
      ...[layer.input[i], weights[i], products[i]].map((value) => make("td", { className: "number" }, decimals(value)))
    )
  );
  const all = total(products);
  const ofShown = total(shown.map((i) => products[i]));
  const bias = layer.arrays.bias[place.channel];
  const sums = [["these products, added up", ofShown]];
  if (products.length > shown.length) sums.push([`the other ${count(products.length - shown.length, "product")}`, all - ofShown]);
  sums.push(["bias", bias], ["sum", all + bias], ...after(network, number)(all + bias));
  const parts = [
    make("h4", {}, "How it was computed"),
    make("p", { className: "note" }, `It sees all ${count(products.length, "number")} of ${before}. Those that counted most:`),
    make("div", { className: "scroll" }, make("table", { className: "sum" }, make("tr", {}, ...head), ...rows)),
    sumTable(sums),
  ];
  return number === network.layers.length ? [...parts, ...softmaxSums(network, place.channel)] : [...parts, roundingNote()];
}

// The weights of a fully connected unit, and their products with its input.
function unitProducts(layer, unit) {
  const length = layer.input.length;
  const weights = Array.from(layer.arrays.weight.subarray(unit * length, (unit + 1) * length));
  return { weights, products: weights.map((weight, i) => weight * layer.input[i]) };
}

function softmaxSums(network, unit) {
  const logits = network.layers[network.layers.length - 1].output;
  const highest = Math.max(...logits);
  const power = (logit) => Math.exp((logit - highest) / network.temperature);
  const sum = total(Array.from(logits, power));
  const cooled = network.temperature === 1 ? "" : `, divided by the temperature ${decimals(network.temperature)}`;
  const text = `The sum is the evidence, called a logit. Softmax makes a probability of it: e to the power of how far it lies
    below the highest, ${decimals(highest)}${cooled}, over the sum of the same for all ${logits.length}.`;
  const rows = [
    ["the logit less the highest", logits[unit] - highest],
    ["e to the power of that" + (cooled ? " over the temperature" : ""), power(logits[unit])],
    [`the same for all ${logits.length}, added up`, sum],
    ["the probability: one over the other", power(logits[unit]) / sum],
  ];
  return [make("p", { className: "note" }, text), sumTable(rows), roundingNote()];
}
