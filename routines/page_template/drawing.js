"use strict";

// The paper: strokes of a mouse, a finger, a pen or the keyboard. Points are shares of the paper's side.

const PEN = 0.062;

class Paper {
  // changed: called after each change of the drawing; `current` is the stroke while the pen is down.
  constructor(canvas, changed) {
    Object.assign(this, { canvas, changed, strokes: [], example: null, pen: { x: 0.5, y: 0.5 }, keyed: false });
    this.current = null;
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.lift());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => this.paint());
    canvas.addEventListener("focus", () => this.paint());
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  get empty() {
    return !this.strokes.length && !this.example;
  }

  // Returns the drawing in MNIST's form; null where there is none.
  pixels() {
    return this.example ?? normalizeDrawing(this.strokes, PEN);
  }

  clear() {
    this.set([]);
  }

  undo() {
    this.set(this.strokes.slice(0, -1));
  }

  // Shows 784 pixels, until something is drawn.
  show(pixels) {
    this.set([], pixels);
  }

  set(strokes, example = null) {
    Object.assign(this, { strokes, example, current: null });
    this.update();
  }

  update() {
    this.paint();
    this.changed();
  }

  start(point) {
    this.example = null;
    this.current = [point];
    this.strokes = [...this.strokes, this.current];
  }

  lift() {
    if (!this.current) return;
    this.current = null;
    this.update();
  }

  begin(event) {
    if (event.button || !event.isPrimary) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    if (event.isTrusted) this.canvas.setPointerCapture(event.pointerId);
    this.keyed = false;
    this.start(this.pointOf(event));
    this.update();
  }

  go(event) {
    if (!this.current || !event.isPrimary || this.keyed) return;
    const seen = event.getCoalescedEvents?.() ?? [];
    for (const each of seen.length ? seen : [event]) this.current.push(this.pointOf(each));
    this.update();
  }

  pointOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = (value) => Math.min(Math.max(value, 0), 1);
    return { x: share((event.clientX - box.left) / box.width), y: share((event.clientY - box.top) / box.height) };
  }

  // Arrow keys move the pen; the space bar puts it down and lifts it.
  key(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (way) {
      const move = (value, by) => Math.min(Math.max(value + by * 0.04, PEN), 1 - PEN);
      this.pen = { x: move(this.pen.x, way[0]), y: move(this.pen.y, way[1]) };
      this.keyed = true;
      if (this.current) this.current.push(this.pen);
      this.update();
    } else if (event.key === " ") {
      this.keyed = true;
      if (this.current) this.lift();
      else {
        this.start(this.pen);
        speak("The pen is down");
        this.update();
      }
    } else if (event.key === "Escape") this.clear();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    else return;
    event.preventDefault();
  }

  paint() {
    const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1));
    if (!side) return;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext("2d");
    const style = getComputedStyle(this.canvas);
    context.clearRect(0, 0, side, side);
    if (this.example) paintExample(context, this.example, side, style.color);
    drawStrokes(context, scaled(this.strokes, side), PEN * side, style.color);
    if (document.activeElement === this.canvas && this.keyed) {
      context.beginPath();
      context.arc(this.pen.x * side, this.pen.y * side, (PEN * side) / 2, 0, 2 * Math.PI);
      context.lineWidth = side / 150;
      context.strokeStyle = style.getPropertyValue("--against");
      context.stroke();
    }
  }

  // Returns the drawing as a PNG file, black on white, whatever the colours of the page: a promise of its bytes.
  async png(side = 280) {
    const canvas = make("canvas", { width: side, height: side });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, side, side);
    drawStrokes(context, scaled(this.strokes, side), PEN * side, "#000");
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new Uint8Array(await blob.arrayBuffer());
  }
}

function scaled(strokes, factor) {
  return strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: x * factor, y: y * factor })));
}

// Fills the paper with an image of 28 x 28 pixels.
function paintExample(context, pixels, side, colour) {
  const small = make("canvas", { width: 28, height: 28 });
  const image = new ImageData(28, 28);
  const [red, green, blue] = colour.match(/\d+/g).map(Number);
  pixels.forEach((ink, i) => image.data.set([red, green, blue, 255 * ink], 4 * i));
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, side, side);
}
