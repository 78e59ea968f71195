import type { MediaView } from "#shared/contract/media";
import { messageKind } from "#shared/contract/reading";
import type { MessageKind, MessagePart as MessagePartView } from "#shared/contract/reading";
import type { MediaReference, MessagePart } from "../../wecom/message-part.ts";
import type { MediaStanding } from "../media/media.service.ts";

/** The parts of a message with their places in its text, and how things stand with their files. */
export function viewParts(
  parts: readonly MessagePart[],
  files: readonly MediaStanding[],
): MessagePartView[] {
  let offset = 0;
  let position = 0;
  return parts.map(({ kind, depth, lines, media, seconds, redPacket }) => {
    const start = offset;
    const end = start + lines.join("\n").length;
    if (lines.length > 0) offset = end + 1;
    const file = media && files.find((one) => one.position === position);
    if (media) position += 1;
    return {
      kind: kindOf(kind),
      depth,
      start,
      end,
      media: media ? viewMedia(media, file) : null,
      seconds: seconds ?? null,
      redPacket: redPacket ?? null,
    };
  });
}

function viewMedia({ sizeBytes }: MediaReference, file: MediaStanding | undefined): MediaView {
  if (!file) return { id: "", state: "none", problem: null, sizeBytes };
  const { id, state, problem } = file;
  return { id, state: state === "erasing" ? "erased" : state, problem, sizeBytes };
}

/** One that the pages have no word for is "other". */
export function kindOf(kind: string): MessageKind {
  return messageKind.safeParse(kind).data ?? "other";
}
