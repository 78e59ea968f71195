import { Piscina } from "piscina";

/** Makes voices playable: WeCom's are AMR, which no browser plays. */
export interface Voices {
  /** Null when it is not a voice that can be decoded. */
  toWav(amr: Buffer): Promise<Buffer | null>;
  close(): Promise<void>;
}

export interface VoicesOptions {
  /** Path of `voice.worker`; only the entry point knows where it stands. */
  workerFile: string;
  /** For running from sources. */
  execArgv?: string[] | undefined;
}

/** WeCom's voices last a minute at most, which is below 100 KB. */
export const MAX_VOICE_BYTES = 256 * 1024;
const IDLE_MS = 30_000;

export function createVoices({ workerFile, execArgv }: VoicesOptions): Voices {
  const pool = new Piscina({
    filename: workerFile,
    name: "toWav",
    ...(execArgv && { execArgv }),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
  });
  return {
    async toWav(amr) {
      const wav = (await pool.run(amr)) as Uint8Array | null;
      return wav && Buffer.from(wav.buffer, wav.byteOffset, wav.byteLength);
    },
    close: () => pool.close(),
  };
}
