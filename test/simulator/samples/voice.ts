/** Frames of AMR-NB at 4.75 kbit/s that hum, each on its own tone; found by listening to random ones. */
const tones = [
  "b5d91fdccb6b9556b3204996",
  "abe79f0f8e2d8c04a939a918",
  "b002af8b81f0d18f489fd98a",
  "ab57bf59ca456e2b2f342d94",
  "48aaf6f796ebf94cde9fd8ee",
];

const HEADER = Buffer.from("#!AMR\n", "latin1");
/** Mode 0, good quality. */
const FRAME_TYPE = Buffer.from([0x04]);
const FRAMES_A_SECOND = 50;
const FRAMES_A_TONE = 20;

/** A voice as WeCom's client records them: a valid AMR file, and a little tune instead of words. */
export function hum(seconds: number, sample: number): Buffer {
  const frames = Array.from({ length: seconds * FRAMES_A_SECOND }, (_, frame) => {
    const tone = tones[(Math.floor(frame / FRAMES_A_TONE) + sample) % tones.length] ?? "";
    return Buffer.concat([FRAME_TYPE, Buffer.from(tone, "hex")]);
  });
  return Buffer.concat([HEADER, ...frames]);
}
