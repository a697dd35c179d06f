"use strict";

// Numbers as pictures: colours, and canvases that are painted with them.

const byId = (id) => document.getElementById(id);

// Makes an element: attributes, then what is in it, texts or elements.
function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}

// Has a screen reader say something.
function speak(text) {
  byId("spoken").textContent = text;
}

// A number with a true minus sign.
function decimals(number, count = 3) {
  const text = Math.abs(number).toFixed(count);
  return number < 0 && Number(text) ? `−${text}` : text;
}

// Three digits that count, for numbers of any size.
function short(number) {
  return number ? decimals(number, Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(number))), 0), 6)) : "0";
}

function percent(share) {
  if (share > 0.9999) return "> 99.99%";
  if (share < 0.0001) return "< 0.01%";
  return `${(100 * share).toFixed(share > 0.1 && share < 0.99 ? 1 : 2)}%`;
}

// "1 map", "8 maps".
function count(number, thing) {
  const many = thing.endsWith("s") ? `${thing}es` : `${thing}s`;
  return `${number.toLocaleString("en")} ${number === 1 ? thing : many}`;
}

// The colours of the style sheet, as they are in light or dark: `ink` for numbers from 0 to 1, `signed` from -1 to 1.
const colours = {
  read() {
    const style = getComputedStyle(document.documentElement);
    const channel = (name) => [1, 3, 5].map((i) => parseInt(style.getPropertyValue(name).trim().slice(i, i + 2), 16));
    this.ink = table([channel("--map-low"), channel("--map-middle"), channel("--map-high")]);
    this.signed = table([channel("--against"), channel("--map-low"), channel("--for")]);
  },
};

// Returns 256 colours between some, as the numbers that image data hold.
function table(stops) {
  const view = new DataView(new ArrayBuffer(4));
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (stops.length - 1);
    const first = Math.min(Math.floor(place), stops.length - 2);
    stops[first].forEach((from, c) => view.setUint8(c, from + (stops[first + 1][c] - from) * (place - first)));
    view.setUint8(3, 255);
    return view.getUint32(0, LITTLE_ENDIAN);
  });
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

// How the maps of a layer lie on one canvas: {columns, gap, width, height, scale}; a unit is a map of one.
function layoutOf([maps, rows, columns], target) {
  const flat = rows * columns === 1;
  const across = flat ? (maps <= 12 ? 1 : maps <= 160 ? 8 : 16) : 2 ** Math.floor(Math.log2(maps) / 2);
  const gap = flat ? 0 : 1;
  const width = across * (columns + gap) - gap;
  const height = Math.ceil(maps / across) * (rows + gap) - gap;
  const fits = target / Math.max(height, width);
  const scale = Math.max(1, Math.min(21, fits < 3 ? Math.floor(2 * fits) / 2 : Math.floor(fits)));
  return { shape: [maps, rows, columns], across, gap, width, height, scale };
}

// Paints numbers in such a layout. low, high: which numbers have the first and the last colour.
function paintMaps(canvas, values, layout, palette, low, high) {
  const { shape, across, gap, width, height, scale } = layout;
  const [maps, rows, columns] = shape;
  const pixels = new Uint32Array(width * height);
  const factor = 255 / (high - low);
  let i = 0;
  for (let map = 0; map < maps; map++) {
    const left = (map % across) * (columns + gap);
    const top = Math.floor(map / across) * (rows + gap);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const shade = Math.round((values[i++] - low) * factor);
        pixels[(top + row) * width + left + column] = palette[Math.min(Math.max(shade, 0), 255)];
      }
    }
  }
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  Object.assign(canvas.style, { width: `${width * scale}px`, height: "auto" });
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// From 0 to the highest number.
function paintInk(canvas, values, layout, high = largest(values)) {
  paintMaps(canvas, values, layout, colours.ink, 0, high);
}

// 0 in the middle.
function paintSigned(canvas, values, layout) {
  paintMaps(canvas, values, layout, colours.signed, -largest(values), largest(values));
}

// What each pixel of an image added, over the image itself, faint.
function paintReasons(canvas, reasons, pixels, scale) {
  paintSigned(canvas, reasons, imageLayout(scale));
  const image = make("canvas");
  paintInk(image, pixels, imageLayout(1), 1);
  const context = canvas.getContext("2d");
  context.globalAlpha = 0.2;
  context.drawImage(image, 0, 0);
  context.globalAlpha = 1;
}

// The largest of some numbers, whatever their sign; 1 where all are 0.
function largest(values) {
  return values.reduce((best, value) => Math.max(best, Math.abs(value)), 0) || 1;
}

// Returns {channel, row, column} under a pointer; null between the maps.
function placeUnder(event, canvas, { shape, across, gap, width, height }) {
  const box = canvas.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * height);
  const [maps, rows, columns] = shape;
  const place = { row: y % (rows + gap), column: x % (columns + gap) };
  const channel = Math.floor(y / (rows + gap)) * across + Math.floor(x / (columns + gap));
  const inside = x >= 0 && y >= 0 && place.row < rows && place.column < columns && channel < maps;
  return inside ? { channel, ...place } : null;
}

// One map alone, and a picture of 28 x 28 pixels.
const mapLayout = (rows, columns) => ({ shape: [1, rows, columns], across: 1, gap: 0, width: columns, height: rows });
const imageLayout = (scale) => ({ ...mapLayout(28, 28), scale });

// A frame around a part of a canvas, {top, left, bottom, right} in its pixels.
function drawFrame(canvas, { top, left, bottom, right }) {
  const context = canvas.getContext("2d");
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--against");
  context.lineWidth = Math.max(2, canvas.width / 130);
  context.strokeRect(left, top, right - left, bottom - top);
}

function scaledFrame({ top, left, bottom, right }, scale) {
  return { top: top * scale, left: left * scale, bottom: bottom * scale, right: right * scale };
}

// Enlarges a canvas of few pixels by a whole factor, so that fine lines can be drawn on it.
function enlarge(canvas, factor) {
  const copy = make("canvas", { width: canvas.width, height: canvas.height });
  copy.getContext("2d").drawImage(canvas, 0, 0);
  Object.assign(canvas, { width: copy.width * factor, height: copy.height * factor });
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(copy, 0, 0, canvas.width, canvas.height);
}

// The pictures of a sheet: 28 x 28 pixels each, 32 in a row.
class Sheet {
  constructor(png) {
    this.ready = new Promise((resolve) => {
      const image = make("img", { alt: "" });
      image.onload = () => {
        const canvas = make("canvas", { width: image.width, height: image.height });
        this.context = canvas.getContext("2d", { willReadFrequently: true });
        this.context.drawImage(image, 0, 0);
        resolve();
      };
      image.onerror = resolve;
      image.src = `data:image/png;base64,${png}`;
    });
  }

  // Returns the pixels of a picture, from 0 to 1.
  pixels(number) {
    const { data } = this.context.getImageData((number % 32) * 28, Math.floor(number / 32) * 28, 28, 28);
    return Float32Array.from({ length: 784 }, (_, i) => data[4 * i] / 255);
  }
}
