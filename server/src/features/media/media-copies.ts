import { extname } from "node:path";
import type { SealedFile } from "../../platform/vault/sealed-file-reader.ts";
import { HEAD_BYTES, savedNameOf, shownTypeOf } from "./content-type.ts";
import type { Media } from "./media.service.ts";

/** Files of messages for somebody who takes them along, and those that are not there. */
export interface MediaCopies {
  stored: { name: string; seq: number; file: SealedFile }[];
  missing: { id: string; seq: number; state: string }[];
}

/** Named by their ids, since what people call files may be anything; the ending says what they are. */
export async function copyMedia(
  media: Pick<Media, "standingOf" | "open">,
  seqs: readonly number[],
): Promise<MediaCopies> {
  const copies: MediaCopies = { stored: [], missing: [] };
  for (let from = 0; from < seqs.length; from += STEP) {
    for (const [seq, standings] of await media.standingOf(seqs.slice(from, from + STEP))) {
      for (const { id, state } of standings) {
        const copy = state === "stored" ? await openCopy(media, id) : undefined;
        if (copy) copies.stored.push({ ...copy, seq });
        else copies.missing.push({ id, seq, state });
      }
    }
  }
  return copies;
}

const STEP = 500;

async function openCopy(media: Pick<Media, "open">, id: string) {
  const { file, fileName } = await media.open(id);
  const type = shownTypeOf(await file.read(0, Math.min(HEAD_BYTES, file.size)));
  const ending = extname(savedNameOf(fileName, id, type)).toLowerCase();
  return { name: `media/${id}${/^\.[a-z0-9]{1,8}$/.test(ending) ? ending : ""}`, file };
}
