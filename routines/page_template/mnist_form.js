"use strict";

// MNIST's form, as `preprocessing/mnist_form.py` has it: a box of 20 pixels within 28, the centre of mass in the middle,
// strokes from two to four pixels wide.

const FORM = { side: 28, box: 20, minStroke: 2, maxStroke: 4, measured: 104 };

// Returns the 784 pixels, from 0 to 1, of a drawing; null where there is none. strokes: lists of points {x, y}, of any
// unit; pen: how wide they are.
function normalizeDrawing(strokes, pen) {
  if (!strokes.length) return null;
  const mask = inkOf(strokes, pen);
  const length = Math.max(mask.width, mask.height);
  const width = strokeWidth(mask);
  const wanted = Math.min(Math.max((width * FORM.box) / length, FORM.minStroke), FORM.maxStroke);
  if (length <= 2 * width) return placeDigit(mask, FORM.box / length); // a dot
  // With strokes of the wanted width it is as long as the box: scale * (length - width) + wanted = 20.
  const scale = (FORM.box - wanted) / (length - width);
  return placeDigit(widen(mask, (wanted / scale - width) / 2), scale);
}

// Draws the strokes so large that they can be measured, at least 100 pixels long, and returns where there is ink, cut to
// its box: {width, height, values}, 1 or 0.
function inkOf(strokes, pen, measured = FORM.measured) {
  const points = strokes.flat();
  const [left, top] = [Math.min(...points.map((p) => p.x)), Math.min(...points.map((p) => p.y))];
  const [right, bottom] = [Math.max(...points.map((p) => p.x)), Math.max(...points.map((p) => p.y))];
  const scale = measured / (Math.max(right - left, bottom - top) + pen);
  const canvas = inkOf.canvas ?? (inkOf.canvas = document.createElement("canvas"));
  canvas.width = Math.ceil((right - left + pen) * scale) + 4;
  canvas.height = Math.ceil((bottom - top + pen) * scale) + 4;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const move = (point) => ({ x: (point.x - left + pen / 2) * scale + 2, y: (point.y - top + pen / 2) * scale + 2 });
  drawStrokes(context, strokes.map((stroke) => stroke.map(move)), pen * scale, "#000");
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  // As there, what is above 0.6 of half the ink is written on.
  const written = { width: canvas.width, height: canvas.height, values: new Float32Array(canvas.width * canvas.height) };
  for (let i = 0; i < written.values.length; i++) written.values[i] = pixels[4 * i + 3] > 0.3 * 255 ? 1 : 0;
  const ink = cutToBox(written);
  // Between points that are far apart, a smooth stroke does not go as far as they do.
  const length = Math.max(ink.width, ink.height);
  return length < 100 && measured === FORM.measured ? inkOf(strokes, pen, (measured * measured) / length) : ink;
}

// Draws strokes as a pen does, round and smooth: through the middles between points, which are its corners.
function drawStrokes(context, strokes, pen, colour) {
  Object.assign(context, { lineCap: "round", lineJoin: "round", lineWidth: pen, strokeStyle: colour });
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0].x, stroke[0].y);
    for (let i = 1; i < stroke.length - 1; i++) {
      const [a, b] = [stroke[i], stroke[i + 1]];
      context.quadraticCurveTo(a.x, a.y, (a.x + b.x) / 2, (a.y + b.y) / 2);
    }
    const end = stroke[stroke.length - 1];
    context.lineTo(end.x, end.y + (stroke.length === 1 ? 0.01 : 0)); // a single point is a dot
    context.stroke();
  }
}

function cutToBox({ width, height, values }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  values.forEach((value, i) => {
    if (!value) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  });
  return pad({ width, height, values }, -left, -top, right - left, bottom - top);
}

// Returns a picture of another size, in which the first one begins at (left, top).
function pad(picture, left, top, width, height) {
  const values = new Float32Array(width * height);
  for (let y = Math.max(0, top); y < Math.min(height, top + picture.height); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + picture.width); x++) {
      values[y * width + x] = picture.values[(y - top) * picture.width + x - left];
    }
  }
  return { width, height, values };
}

// Returns how wide the strokes are, in pixels, on average. Across a stroke of n pixels distances to the paper are
// 1, 2, ... (n + 1) / 2, ... 2, 1: their mean is (n + 1)^2 / 4n.
function strokeWidth(mask) {
  const distances = distanceTo(0, pad(mask, 1, 1, mask.width + 2, mask.height + 2)).filter((value) => value > 0);
  const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length;
  const half = 2 * Math.max(mean, 1) - 1;
  return half + Math.sqrt(half * half - 1);
}

// Moves the edges of the ink outwards by so many pixels, or inwards: a smooth picture.
function widen(mask, radius) {
  const room = Math.floor(Math.max(radius, 0)) + 2;
  const padded = pad(mask, room, room, mask.width + 2 * room, mask.height + 2 * room);
  const [outside, inside] = [distanceTo(1, padded), distanceTo(0, padded)];
  const values = padded.values.map((ink, i) => {
    const depth = ink ? inside[i] - 0.5 : 0.5 - outside[i];
    return Math.min(Math.max(depth + radius + 0.5, 0), 1);
  });
  return { ...padded, values };
}

// Returns the distance of every pixel to the nearest that has a value, by steps of 1, 1.4 and 2.1969 to neighbours and
// knights' moves, there and back.
// Source: Borgefors, Distance transformations in digital images, CVGIP 34 (1986), as OpenCV has it.
function distanceTo(value, { width, height, values }) {
  // Two pixels around keep all steps within.
  const wide = width + 4;
  const distances = new Float32Array(wide * (height + 4)).fill(1e6);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (values[y * width + x] === value) distances[(y + 2) * wide + x + 2] = 0;
  }
  const steps = [-1, -wide, -wide - 1, -wide + 1, -wide - 2, -wide + 2, -2 * wide - 1, -2 * wide + 1];
  const lengths = [1, 1, 1.4, 1.4, 2.1969, 2.1969, 2.1969, 2.1969];
  for (const sign of [1, -1]) {
    for (let i = 0; i < width * height; i++) {
      const place = sign > 0 ? i : width * height - 1 - i;
      const at = (Math.floor(place / width) + 2) * wide + (place % width) + 2;
      for (let k = 0; k < steps.length; k++) {
        const other = distances[at + sign * steps[k]] + lengths[k];
        if (other < distances[at]) distances[at] = other;
      }
    }
  }
  const found = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    found.set(distances.subarray((y + 2) * wide + 2, (y + 2) * wide + 2 + width), y * width);
  }
  return found;
}

// Scales a digit into an image with its centre of mass in the middle; in 256 shades, as a picture file has them.
function placeDigit(digit, scale) {
  const side = (length) => Math.min(FORM.side, Math.max(1, Math.round(length * scale)));
  const small = shrink(digit, side(digit.width), side(digit.height));
  let [mass, x, y] = [0, 0, 0];
  small.values.forEach((ink, i) => {
    mass += ink;
    x += ink * (i % small.width);
    y += ink * Math.floor(i / small.width);
  });
  const middle = (FORM.side - 1) / 2;
  const start = (centre, length) => Math.min(Math.max(Math.round(middle - centre), 0), FORM.side - length);
  const placed = pad(small, start(x / mass, small.width), start(y / mass, small.height), FORM.side, FORM.side);
  return placed.values.map((ink) => Math.round(ink * 255) / 255);
}

// Shrinks a picture: each new pixel is the mean of the area it covers.
function shrink(picture, width, height) {
  const across = shares(picture.width, width);
  const down = shares(picture.height, height);
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [row, high] of down[y]) {
        for (const [column, wide] of across[x]) sum += high * wide * picture.values[row * picture.width + column];
      }
      values[y * width + x] = sum;
    }
  }
  return { width, height, values };
}

// Returns, for each of so many new pixels in a row, the old ones that it covers and their shares.
function shares(from, to) {
  const ratio = from / to;
  return Array.from({ length: to }, (_, place) => {
    const [first, last] = [place * ratio, (place + 1) * ratio];
    const covered = [];
    for (let i = Math.floor(first); i < Math.min(Math.ceil(last - 1e-9), from); i++) {
      covered.push([i, (Math.min(i + 1, last) - Math.max(i, first)) / ratio]);
    }
    return covered;
  });
}
