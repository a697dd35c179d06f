"use strict";

// A zip archive of files, stored as they are: PNG is compressed already.

const CRC = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(bytes) {
  return ~bytes.reduce((sum, byte) => CRC[(sum ^ byte) & 255] ^ (sum >>> 8), -1) >>> 0;
}

// Returns a Blob. files: [{name, bytes}].
// Source: PKWARE, APPNOTE.TXT - .ZIP File Format Specification.
function makeZip(files) {
  const [parts, directory] = [[], []];
  let offset = 0;
  for (const { name, bytes } of files) {
    const letters = new TextEncoder().encode(name);
    // Version 2.0; names are UTF-8; stored; the first of January 1980; checksum; size, twice; length of the name.
    const about = [[20, 2], [0x0800, 2], [0, 2], [0, 2], [0x21, 2], [checksum(bytes), 4]];
    about.push([bytes.length, 4], [bytes.length, 4], [letters.length, 2], [0, 2]);
    const local = numbers([[0x04034b50, 4], ...about]);
    // Comment, disk, attributes: none.
    directory.push(numbers([[0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]]), letters);
    parts.push(local, letters, bytes);
    offset += local.length + letters.length + bytes.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const count = files.length;
  const end = numbers([[0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [length, 4], [offset, 4], [0, 2]]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

// Returns whole numbers as bytes, the lowest first. fields: [number, how many bytes].
function numbers(fields) {
  return Uint8Array.from(fields.flatMap(([value, count]) => [0, 8, 16, 24].slice(0, count).map((b) => value >>> b)));
}
