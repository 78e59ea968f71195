import decode from "@audio/amr-decode";

/** Runs in a worker thread: a minute of voice takes a tenth of a second, and what comes from outside may be anything. */

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;

/** AMR → WAV (16 bits, one channel); null when there is no sound in it. */
export async function toWav(amr: Uint8Array): Promise<Uint8Array | null> {
  const { channelData, sampleRate } = await decode(amr);
  const [samples] = channelData;
  if (!samples || samples.length === 0) return null;
  const size = samples.length * SAMPLE_BYTES;
  const wav = Buffer.alloc(HEADER_BYTES + size);
  wav.write("RIFF", 0, "latin1");
  wav.writeUInt32LE(HEADER_BYTES - 8 + size, 4);
  wav.write("WAVEfmt ", 8, "latin1");
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate * SAMPLE_BYTES, 28);
  wav.writeUInt16LE(SAMPLE_BYTES, 32);
  wav.writeUInt16LE(8 * SAMPLE_BYTES, 34);
  wav.write("data", 36, "latin1");
  wav.writeUInt32LE(size, 40);
  for (const [index, sample] of samples.entries()) {
    const value = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
    wav.writeInt16LE(value, HEADER_BYTES + index * SAMPLE_BYTES);
  }
  return wav;
}
