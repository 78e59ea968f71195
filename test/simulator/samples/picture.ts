import { crc32, deflateSync } from "node:zlib";

const WIDTH = 320;
const HEIGHT = 200;

/** A small PNG: hills before a sky whose colour the number decides. */
export function drawPicture(sample: number): Buffer {
  const rows = Array.from({ length: HEIGHT }, (_, y) => {
    const row = Buffer.alloc(1 + WIDTH * 3);
    for (let x = 0; x < WIDTH; x += 1) row.set(colourAt(x, y, sample), 1 + x * 3);
    return row;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(WIDTH, 0);
  head.writeUInt32BE(HEIGHT, 4);
  // 8 bits a channel, red green blue.
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function colourAt(x: number, y: number, sample: number): [number, number, number] {
  const hill = HEIGHT * (0.62 + 0.18 * Math.sin((x + sample * 40) / 37));
  if (y > hill) return [70 + ((x + y) % 12), 130 + (sample % 4) * 12, 84];
  const isSun = (x - 240) ** 2 + (y - 50) ** 2 < 22 ** 2;
  if (isSun) return [255, 214, 120];
  const light = 150 + Math.round((y / HEIGHT) * 90);
  return [light - 30 + (sample % 3) * 10, light, Math.min(255, light + 20)];
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
