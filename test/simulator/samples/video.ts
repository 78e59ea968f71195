/**
 * A small MP4 that needs no encoder: H.264 whose every picture is made of raw blocks (I_PCM), in the boxes that a
 * player asks for. A bright bar moves over a grey ground.
 */
const BLOCKS_WIDE = 6;
const BLOCKS_HIGH = 4;
const BLOCK = 16;
const PICTURES_A_SECOND = 5;

export function filmVideo(seconds: number, sample: number): Buffer {
  const pictures = Array.from({ length: seconds * PICTURES_A_SECOND }, (_, index) =>
    nal(encodePicture(index, sample)),
  );
  const sizes = pictures.map(({ length }) => length);
  const start = box("ftyp", text("isom"), u32(512), text("isomavc1mp41"));
  const moovWith = (offset: number) => movie(sizes, start.length + offset + 8);
  const moov = moovWith(moovWith(0).length);
  return Buffer.concat([start, moov, box("mdat", ...pictures)]);
}

/** Bits of H.264's syntax, highest first. */
class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;
  #count = 0;

  u(count: number, value: number): this {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.#bits = this.#bits * 2 + ((value >> bit) & 1);
      this.#count += 1;
      if (this.#count < 8) continue;
      this.#bytes.push(this.#bits);
      this.#bits = this.#count = 0;
    }
    return this;
  }

  /** Exponential Golomb code. */
  ue(value: number): this {
    const length = 31 - Math.clz32(value + 1);
    return this.u(length, 0).u(length + 1, value + 1);
  }

  align(): this {
    return this.#count === 0 ? this : this.u(8 - this.#count, 0);
  }

  /** Whole bytes, at a whole byte. */
  fill(count: number, value: number): this {
    for (let n = 0; n < count; n += 1) this.#bytes.push(value);
    return this;
  }

  /** The stop bit; three bytes that would look like a start code are kept apart. */
  end(header: number): Buffer {
    this.u(1, 1).align();
    const out = [header];
    let zeros = 0;
    for (const value of this.#bytes) {
      if (zeros === 2 && value <= 3) {
        out.push(3);
        zeros = 0;
      }
      out.push(value);
      zeros = value === 0 ? zeros + 1 : 0;
    }
    return Buffer.from(out);
  }
}

const PROFILE = [66, 0xc0, 30];

function sequenceParameters(): Buffer {
  const bits = new BitWriter().u(8, 66).u(8, 0xc0).u(8, 30).ue(0).ue(0).ue(2).ue(1).u(1, 0);
  bits.ue(BLOCKS_WIDE - 1).ue(BLOCKS_HIGH - 1);
  return bits.u(1, 1).u(1, 1).u(1, 0).u(1, 0).end(0x67);
}

function pictureParameters(): Buffer {
  const bits = new BitWriter().ue(0).ue(0).u(2, 0).ue(0).ue(0).ue(0).u(3, 0);
  return bits.ue(0).ue(0).ue(0).u(3, 0).end(0x68);
}

function encodePicture(index: number, sample: number): Buffer {
  // First block 0, all intra, parameters 0, frame 0, the picture's turn, nothing special, no change of quality.
  const bits = new BitWriter()
    .ue(0)
    .ue(7)
    .ue(0)
    .u(4, 0)
    .ue(index % 2)
    .u(2, 0)
    .ue(0);
  for (let block = 0; block < BLOCKS_WIDE * BLOCKS_HIGH; block += 1) {
    const isBright = block % BLOCKS_WIDE === index % BLOCKS_WIDE;
    const light = isBright ? 200 : 70 + Math.floor(block / BLOCKS_WIDE) * 20;
    bits.ue(25).align();
    bits.fill(BLOCK * BLOCK, light);
    bits.fill(64, 100 + ((sample * 23) % 60));
    bits.fill(64, isBright ? 150 : 120);
  }
  return bits.end(0x65);
}

const nal = (unit: Buffer): Buffer => Buffer.concat([u32(unit.length), unit]);
const text = (value: string): Buffer => Buffer.from(value, "latin1");
const zeros = (count: number): Buffer => Buffer.alloc(count);

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

function box(name: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), text(name), body]);
}

const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const WIDTH = BLOCKS_WIDE * BLOCK;
const HEIGHT = BLOCKS_HIGH * BLOCK;

/** Times in pictures: the scale of all clocks is their number a second. */
function movie(sizes: readonly number[], offset: number): Buffer {
  const length = sizes.length;
  const scale = PICTURES_A_SECOND;
  const header = [u32(0, 0, 0, scale, length, 0x10000), u16(0x100), zeros(10), MATRIX, zeros(24)];
  const track = [u32(7, 0, 0, 1, 0, length), zeros(16), MATRIX, u32(WIDTH << 16, HEIGHT << 16)];
  const media = box(
    "mdia",
    box("mdhd", u32(0, 0, 0, scale, length), u16(0x55c4, 0)),
    box("hdlr", u32(0, 0), text("vide"), zeros(13)),
    box(
      "minf",
      box("vmhd", u32(1), zeros(8)),
      box("dinf", box("dref", u32(0, 1), box("url ", u32(1)))),
      sampleTable(sizes, offset),
    ),
  );
  const trak = box("trak", box("tkhd", ...track), media);
  return box("moov", box("mvhd", ...header, u32(2)), trak);
}

function sampleTable(sizes: readonly number[], offset: number): Buffer {
  return box(
    "stbl",
    box("stsd", u32(0, 1), videoEntry()),
    box("stts", u32(0, 1, sizes.length, 1)),
    box("stsc", u32(0, 1, 1, sizes.length, 1)),
    box("stsz", u32(0, 0, sizes.length, ...sizes)),
    box("stco", u32(0, 1, offset)),
  );
}

function videoEntry(): Buffer {
  const [sps, pps] = [sequenceParameters(), pictureParameters()];
  const configuration = box(
    "avcC",
    Buffer.from([1, ...PROFILE, 0xff, 0xe1]),
    u16(sps.length),
    sps,
    Buffer.from([1]),
    u16(pps.length),
    pps,
  );
  const size = [u16(WIDTH, HEIGHT), u32(0x480000, 0x480000, 0), u16(1), zeros(32)];
  return box("avc1", zeros(6), u16(1), zeros(16), ...size, u16(24, 0xffff), configuration);
}
