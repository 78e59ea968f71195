/** How the parts of a message are shown. Pure. */
import type { MediaView } from "#shared/contract/media";
import type { MessageKind, MessagePart, MessageView } from "#shared/contract/reading";
import type { Markable } from "../text-marks.ts";
import { text } from "./messages.ts";

/** A stretch of the message's text with the findings in it. */
export interface Stretch<F extends Markable = Markable> {
  text: string;
  findings: readonly F[];
}

/** Cuts a stretch out; findings keep their places in it. */
export function cut<F extends Markable>(
  whole: { text: string; findings: readonly F[] },
  start: number,
  end: number,
): Stretch<F> {
  const findings = whole.findings.map((finding) => ({
    ...finding,
    spans: finding.spans
      .filter((span) => span.start < end && span.end > start)
      .map((span) => ({ start: Math.max(0, span.start - start), end: span.end - start })),
  }));
  return { text: whole.text.slice(start, end), findings };
}

export interface ShownPart {
  part: MessagePart;
  /** What it says first, and the rest of it. */
  title: Stretch;
  rest: Stretch;
}

/** What holds other parts and says nothing itself is left out. */
export function shownParts(view: Pick<MessageView, "text" | "findings" | "parts">): ShownPart[] {
  return view.parts
    .filter(({ kind, start, end }) => kind !== "mixed" || end > start)
    .map((part) => {
      const own = cut(view, part.start, part.end);
      const lineEnd = isProse(part.kind) ? -1 : own.text.indexOf("\n");
      const titleEnd = lineEnd < 0 ? own.text.length : lineEnd;
      return {
        part,
        title: cut(own, 0, titleEnd),
        rest: cut(own, Math.min(titleEnd + 1, own.text.length), own.text.length),
      };
    });
}

/** Running text, which has no title. */
export function isProse(kind: MessageKind): boolean {
  return kind === "text" || kind === "markdown";
}

export type MediaShape = "picture" | "voice" | "video" | "file";

export function shapeOf(kind: MessageKind): MediaShape {
  if (kind === "image" || kind === "emotion") return "picture";
  return kind === "voice" || kind === "video" ? kind : "file";
}

/** Why a file cannot be shown; null for one that can. */
export function absenceOf({ state, problem }: MediaView): string | null {
  const words = text.reading.media;
  if (state === "stored") return null;
  if (state === "waiting") return problem === null ? words.waiting : words.delayed[problem];
  if (state === "failed") return problem === "bad_id" ? words.badId : words.gaveUp;
  return words[state];
}

/** "8 KB", "3.4 MB"; "" when nobody knows. */
export function sizeOf(bytes: number | null): string {
  if (bytes === null) return "";
  const kib = bytes / 1024;
  return kib < 1000 ? `${Math.max(1, Math.round(kib))} KB` : `${(kib / 1024).toFixed(1)} MB`;
}

/** "8 秒", "2 分 35 秒". */
export function lengthOf(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return minutes === 0 ? text.reading.seconds(rest) : text.reading.minutes(minutes, rest);
}

export function redPacketOf({ count, amount }: NonNullable<MessagePart["redPacket"]>): string {
  return text.reading.redPacket(count, (amount / 100).toFixed(2));
}
