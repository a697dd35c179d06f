"use strict";

// The network, in plain loops: what `cnn/` computes in NumPy for many images, here for one.
//
// What a layer takes and gives is a flat Float32Array in the order channel, row, column; its shape is
// [channels, rows, columns], or [units, 1, 1] once rows and columns are gone. `forward` fills `output`, what a layer
// hands on, after ReLU where it has one; `backward` takes the gradient of that output and returns the input's.

class Layer {
  // token: as in the model string. arrays: the layer's numbers by name, each a Float32Array.
  constructor(token, number, inputShape, outputShape, arrays) {
    Object.assign(this, { token, number, inputShape, outputShape, arrays });
    this.relu = false; // whether a ReLU follows at once
    this.output = new Float32Array(size(outputShape));
  }

  forward(input) {
    this.input = input;
    this.compute(input, this.output);
    if (this.relu) for (let i = 0; i < this.output.length; i++) if (this.output[i] < 0) this.output[i] = 0;
    return this.output;
  }

  backward(gradient) {
    if (this.relu) gradient = gradient.map((value, i) => (this.output[i] > 0 ? value : 0));
    const inputGradient = new Float32Array(this.input.length);
    this.spread(gradient, inputGradient);
    return inputGradient;
  }

  // Which part of its input an output sees, along rows and columns alike: output i sees the inputs
  // i * stride - offset to i * stride - offset + size - 1, as far as there are such; null for all of it.
  get window() {
    return { size: 1, stride: 1, offset: 0 };
  }
}

// C(filters,kernel_size,p padding,s stride): each filter is laid on every place of its input; what it meets there times
// its weights, added up, plus the bias.
class Convolution extends Layer {
  static token = /^C\((\d+),(\d+)(?:,P(\d+))?(?:,S(\d+))?\)$/i;

  static build(match, token, number, inputShape, arrays) {
    const [filters, kernel, padding, stride] = [+match[1], +match[2], +(match[3] ?? 0), +(match[4] ?? 1)];
    const [, rows, columns] = inputShape;
    const places = (length) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const layer = new Convolution(token, number, inputShape, [filters, places(rows), places(columns)], arrays);
    return Object.assign(layer, { filters, kernel, padding, stride, kind: "convolution" });
  }

  get window() {
    return { size: this.kernel, stride: this.stride, offset: this.padding };
  }

  compute(input, output) {
    const [, rows, columns] = this.outputShape;
    for (let filter = 0; filter < this.filters; filter++) {
      output.fill(this.arrays.bias[filter], filter * rows * columns, (filter + 1) * rows * columns);
    }
    this.run(input, output, false);
  }

  spread(gradient, inputGradient) {
    this.run(inputGradient, gradient, true);
  }

  // Each weight meets a number of the input for each number of the output: forward, what it makes of the input is added
  // to the output; backward, what it makes of the output's gradient to the input's.
  run(input, output, backward) {
    const { kernel, padding, stride } = this;
    const { weight } = this.arrays;
    const [channels, height, width] = this.inputShape;
    const [filters, rows, columns] = this.outputShape;
    let place = 0; // in the weights: filter, channel, row, column
    for (let filter = 0; filter < filters; filter++) {
      for (let channel = 0; channel < channels; channel++) {
        for (let down = -padding; down < kernel - padding; down++) {
          for (let right = -padding; right < kernel - padding; right++, place++) {
            const factor = weight[place];
            // Columns that would meet the padding, which is 0, are left out, and so are rows.
            const first = Math.max(0, Math.ceil(-right / stride));
            const last = Math.min(columns - 1, Math.floor((width - 1 - right) / stride));
            for (let row = 0; row < rows; row++) {
              const inputRow = row * stride + down;
              if (inputRow < 0 || inputRow >= height) continue;
              let from = (channel * height + inputRow) * width + first * stride + right;
              const end = (filter * rows + row) * columns + last;
              for (let to = end - last + first; to <= end; to++, from += stride) {
                if (backward) input[from] += factor * output[to];
                else output[to] += factor * input[from];
              }
            }
          }
        }
      }
    }
  }
}

// P and A: one number for each window of pool_size x pool_size, its largest (P) or its mean (A). Windows lie side by
// side; where they do not fit, those at the edges are smaller.
class Pooling extends Layer {
  static token = /^([PA])(\d+)$/i;

  static build(match, token, number, inputShape, arrays) {
    const pool = +match[2];
    const outputShape = [inputShape[0], Math.ceil(inputShape[1] / pool), Math.ceil(inputShape[2] / pool)];
    const layer = new Pooling(token, number, inputShape, outputShape, arrays);
    const mean = match[1].toUpperCase() === "A";
    Object.assign(layer, { pool, mean, kind: mean ? "mean pooling" : "pooling" });
    layer.windows = Array.from(layer.output, (_, place) => windowOf(layer, place));
    return layer;
  }

  get window() {
    const [, rows] = this.inputShape;
    const missing = this.outputShape[1] * this.pool - rows;
    return { size: this.pool, stride: this.pool, offset: Math.floor(missing / 2) };
  }

  compute(input, output) {
    this.winners = new Int32Array(output.length);
    for (let place = 0; place < output.length; place++) {
      const inputs = this.windows[place];
      if (this.mean) {
        output[place] = inputs.reduce((sum, i) => sum + input[i], 0) / inputs.length;
      } else {
        // Of equal ones the first in reading order wins.
        this.winners[place] = inputs.reduce((best, i) => (input[i] > input[best] ? i : best), inputs[0]);
        output[place] = input[this.winners[place]];
      }
    }
  }

  spread(gradient, inputGradient) {
    for (let place = 0; place < gradient.length; place++) {
      if (this.mean) {
        const inputs = this.windows[place];
        for (const i of inputs) inputGradient[i] += gradient[place] / inputs.length;
      } else {
        inputGradient[this.winners[place]] += gradient[place];
      }
    }
  }
}

// BN: each channel is moved and stretched: its mean in training becomes 0 and its variance 1, then it is multiplied by
// gamma, and beta is added.
class BatchNormalisation extends Layer {
  static token = /^BN$/i;

  static build(match, token, number, inputShape, arrays) {
    const layer = new BatchNormalisation(token, number, inputShape, inputShape, arrays);
    return Object.assign(layer, { kind: "batch normalisation" });
  }

  // What a channel is multiplied by.
  slope(channel) {
    return this.arrays.gamma[channel] / Math.sqrt(this.arrays.variance[channel] + this.epsilon);
  }

  compute(input, output) {
    const map = input.length / this.inputShape[0];
    for (let i = 0; i < input.length; i++) {
      const channel = Math.floor(i / map);
      output[i] = (input[i] - this.arrays.mean[channel]) * this.slope(channel) + this.arrays.beta[channel];
    }
  }

  spread(gradient, inputGradient) {
    const map = gradient.length / this.inputShape[0];
    for (let i = 0; i < gradient.length; i++) inputGradient[i] = gradient[i] * this.slope(Math.floor(i / map));
  }
}

// D(share): in training that share of the numbers is left out, at random; when it reads, all pass.
class Dropout extends Layer {
  static token = /^D\((\d*\.?\d+)\)$/i;

  static build(match, token, number, inputShape, arrays) {
    const layer = new Dropout(token, number, inputShape, inputShape, arrays);
    return Object.assign(layer, { share: +match[1], kind: "dropout" });
  }

  compute(input, output) {
    output.set(input);
  }

  spread(gradient, inputGradient) {
    inputGradient.set(gradient);
  }
}

// FCunits: every unit sees every number of its input, and has a weight for each.
class FullyConnected extends Layer {
  static token = /^FC(\d+)$/i;

  static build(match, token, number, inputShape, arrays) {
    const layer = new FullyConnected(token, number, inputShape, [+match[1], 1, 1], arrays);
    return Object.assign(layer, { units: +match[1], kind: "fully connected" });
  }

  get window() {
    return null;
  }

  compute(input, output) {
    const { weight, bias } = this.arrays;
    for (let unit = 0; unit < this.units; unit++) {
      let sum = bias[unit];
      for (let i = 0, place = unit * input.length; i < input.length; i++) sum += weight[place + i] * input[i];
      output[unit] = sum;
    }
  }

  spread(gradient, inputGradient) {
    const { weight } = this.arrays;
    for (let unit = 0; unit < this.units; unit++) {
      const factor = gradient[unit];
      if (!factor) continue;
      for (let i = 0, place = unit * inputGradient.length; i < inputGradient.length; i++) {
        inputGradient[i] += weight[place + i] * factor;
      }
    }
  }
}

const KINDS = [Convolution, Pooling, BatchNormalisation, Dropout, FullyConnected];
const IMAGE_SHAPE = [1, 28, 28];

// model: {string, temperature, epsilon}. arrays: by layer number, from 1, the arrays of the weight file by name.
class Network {
  constructor(model, arrays) {
    this.temperature = model.temperature;
    this.layers = [];
    let shape = IMAGE_SHAPE;
    for (const [index, token] of model.string.split("-").entries()) {
      const kind = KINDS.find((each) => each.token.test(token));
      const layer = kind.build(token.match(kind.token), token, index + 1, shape, arrays[index + 1] ?? {});
      layer.epsilon = model.epsilon;
      this.layers.push(layer);
      shape = layer.outputShape;
    }
    // A ReLU follows every layer that has weights, but behind batch normalisation where there is one. The last layer
    // has none: its outputs are the logits.
    this.layers.forEach((layer, index) => {
      const next = this.layers[index + 1];
      const weighted = layer instanceof Convolution || layer instanceof FullyConnected;
      layer.relu = Boolean(next) && (weighted || layer instanceof BatchNormalisation);
      if (next instanceof BatchNormalisation) layer.relu = false;
    });
  }

  // Returns the logits of 784 pixels, from 0 to 1, row by row.
  forward(pixels) {
    return this.layers.reduce((activation, layer) => layer.forward(activation), Float32Array.from(pixels));
  }

  // Returns the probability of each class: softmax of the logits over the temperature.
  probabilities(pixels) {
    return softmax(this.forward(pixels), this.temperature);
  }

  // Returns the gradient of the pixels of the last pass, from that of the output of a layer.
  pixelGradient(number, gradient) {
    return this.layers.slice(0, number).reduceRight((gradient, layer) => layer.backward(gradient), gradient);
  }

  // Returns the first row and column of the image that an output of a layer sees, and the first beyond: {top, left,
  // bottom, right}.
  receptiveField(number, row, column) {
    let field = { top: row, left: column, bottom: row + 1, right: column + 1 };
    for (const layer of this.layers.slice(0, number).reverse()) {
      const [, rows, columns] = layer.inputShape;
      if (!layer.window) field = { top: 0, left: 0, bottom: rows, right: columns };
      else field = inputField(layer, field);
    }
    return field;
  }
}

// Returns what a part of a layer's output sees of its input.
function inputField(layer, { top, left, bottom, right }) {
  const { size, stride, offset } = layer.window;
  const [, rows, columns] = layer.inputShape;
  return {
    top: Math.max(top * stride - offset, 0),
    left: Math.max(left * stride - offset, 0),
    bottom: Math.min((bottom - 1) * stride - offset + size, rows),
    right: Math.min((right - 1) * stride - offset + size, columns),
  };
}

// Returns where in the input the window of an output of a pooling layer lies, in reading order.
function windowOf(layer, place) {
  const [, height, width] = layer.inputShape;
  const { channel, row, column } = placeOf(layer.outputShape, place);
  const { top, left, bottom, right } = inputField(layer, { top: row, left: column, bottom: row + 1, right: column + 1 });
  const inputs = [];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) inputs.push((channel * height + y) * width + x);
  }
  return inputs;
}

// Returns channel, row and column of a number in a flat array.
function placeOf([, rows, columns], index) {
  const channel = Math.floor(index / (rows * columns));
  return { channel, row: Math.floor(index / columns) % rows, column: index % columns };
}

function size(shape) {
  return shape.reduce((product, length) => product * length, 1);
}

// The largest is taken off first, so that no exponential overflows.
function softmax(logits, temperature) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

// What each pixel adds to a weighted sum of a layer's outputs: the sum over all pixels is that of the image less that
// of a blank one. The gradient is taken at so many steps on the way from blank to the image, and its mean multiplied by
// the image. After every step it yields what is known so far, so that a page can draw it in between.
// Source: Sundararajan, Taly & Yan, ICML 2017 (arXiv 1703.01365), with the midpoint rule.
function* integratedGradients(network, pixels, number, weights, steps = 128) {
  const total = new Float64Array(pixels.length);
  for (let done = 0; done < steps; done++) {
    // In leaps of 0.617 of the way, so that few steps already lie all over it; of a power of two, none comes twice.
    const share = (((done * 79) % steps) + 0.5) / steps;
    network.forward(pixels.map((pixel) => share * pixel));
    network.pixelGradient(number, Float32Array.from(weights)).forEach((value, i) => (total[i] += value));
    yield total.map((sum, i) => (sum * pixels[i]) / (done + 1));
  }
}

// Returns the arrays of a model by layer number and name. base64: float32 numbers, little-endian, one array after
// another as `index` has them: [layer number, name, count].
function decodeArrays(base64, index) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const arrays = {};
  let first = 0;
  for (const [number, name, count] of index) {
    arrays[number] ??= {};
    arrays[number][name] = new Float32Array(bytes.buffer, first, count);
    first += 4 * count;
  }
  return arrays;
}
