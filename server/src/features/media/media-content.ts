import type { Logger } from "../../platform/log.ts";
import { HEAD_BYTES, savedNameOf, shownTypeOf } from "./content-type.ts";
import type { ShownType } from "./content-type.ts";
import type { StoredMedia } from "./media.service.ts";
import type { SealedFile } from "../../platform/vault/sealed-file-reader.ts";
import { MAX_VOICE_BYTES } from "./voices.ts";
import type { Voices } from "./voices.ts";

/** What is sent of a file. */
export interface MediaContent {
  type: Exclude<ShownType, "audio/amr"> | "audio/wav" | "application/octet-stream";
  /** Null for what the page shows; otherwise the name under which it is saved. */
  savedAs: string | null;
  file: SealedFile;
}

interface Deps {
  voices: Pick<Voices, "toWav">;
  log: Logger;
}

/** Decides by its bytes alone whether the browser may show a file. Documents are always saved. */
export async function contentOf(
  media: StoredMedia,
  isDownload: boolean,
  deps: Deps,
): Promise<MediaContent> {
  const { file, fileName, id } = media;
  const type = shownTypeOf(await file.read(0, Math.min(HEAD_BYTES, file.size)));
  const saved: MediaContent = {
    type: "application/octet-stream",
    savedAs: savedNameOf(fileName, id, type),
    file,
  };
  if (isDownload || media.kind === "file" || type === null) return saved;
  if (type !== "audio/amr") return { type, savedAs: null, file };
  const wav = await decodeVoice(file, deps);
  return wav ? { type: "audio/wav", savedAs: null, file: wav } : saved;
}

async function decodeVoice(file: SealedFile, { voices, log }: Deps): Promise<SealedFile | null> {
  if (file.size > MAX_VOICE_BYTES) return null;
  const amr = await file.read(0, file.size);
  const wav = await voices.toWav(amr).catch((error: unknown) => {
    log.warn({ err: error }, "a voice cannot be decoded");
    return null;
  });
  return wav && inMemory(wav);
}

function inMemory(bytes: Buffer): SealedFile {
  const read = (from: number, to: number): Promise<Buffer> =>
    Promise.resolve(bytes.subarray(from, to));
  return {
    size: bytes.length,
    read,
    async *stream(from, to) {
      yield await read(from, to);
    },
  };
}
