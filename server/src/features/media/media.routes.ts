import { Readable } from "node:stream";
import type { Context } from "koa";
import { fetchAgainResult, lostMediaList } from "#shared/contract/health";
import { mediaParams, mediaQuery } from "#shared/contract/media";
import type { Logger } from "../../platform/log.ts";
import type { ReaderPages } from "../reading/reader-pages.service.ts";
import type { ApiRoutes } from "../sign-in/actor.ts";
import { parseByteRange } from "./byte-range.ts";
import type { ByteRange } from "./byte-range.ts";
import { contentOf } from "./media-content.ts";
import type { MediaContent } from "./media-content.ts";
import type { Media } from "./media.service.ts";
import type { Voices } from "./voices.ts";

export interface MediaRouteDeps {
  media: Pick<Media, "open" | "listLost" | "fetchLostAgain">;
  voices: Pick<Voices, "toWav">;
  pages: Pick<ReaderPages, "demandShown">;
  log: Logger;
}

/** Files of messages, for whoever has given a reason to read their conversation; those that are missing, for operators. */
export function addMediaRoutes(routes: ApiRoutes, deps: MediaRouteDeps): void {
  const { media, pages } = deps;
  routes.get(
    "/api/admin/archive/lost-media",
    { allow: "archive.operate", response: lostMediaList },
    () => media.listLost(),
  );

  routes.post(
    "/api/admin/archive/lost-media/fetch",
    { allow: "archive.operate", response: fetchAgainResult },
    async () => ({ queued: await media.fetchLostAgain() }),
  );

  routes.get(
    "/api/manager/readings/:id/media/:mediaId",
    { allow: "conversation.read", params: mediaParams, query: mediaQuery },
    async ({ actor, params, query, ctx }) => {
      const stored = await media.open(params.mediaId);
      await pages.demandShown(actor.memberId, params.id, stored.seq);
      await send(ctx, await contentOf(stored, query.download === "yes", deps));
      return undefined;
    },
  );
}

/** The whole or the range that was asked for. A file that was tampered with is refused before a byte is sent. */
async function send(ctx: Context, { type, savedAs, file }: MediaContent): Promise<void> {
  ctx.set("Accept-Ranges", "bytes");
  const range = parseByteRange(ctx.get("range"), file.size);
  if (range === "unsatisfiable") {
    ctx.set("Content-Range", `bytes */${file.size}`);
    ctx.status = 416;
    ctx.body = "";
    return;
  }
  const { from, to } = range ?? { from: 0, to: file.size };
  const pieces = file.stream(from, to);
  const first = await pieces.next();
  if (savedAs !== null) ctx.attachment(savedAs);
  ctx.set({
    "Content-Type": type,
    // Should anybody open it by itself: it may load nothing and run nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
  });
  setRange(ctx, range, file.size);
  ctx.body = Readable.from(resume(first, pieces), { objectMode: false });
  ctx.length = to - from;
}

function setRange(ctx: Context, range: ByteRange | null, size: number): void {
  ctx.status = range ? 206 : 200;
  if (range) ctx.set("Content-Range", `bytes ${range.from}-${range.to - 1}/${size}`);
}

async function* resume(
  first: IteratorResult<Buffer, void>,
  pieces: AsyncGenerator<Buffer, void>,
): AsyncGenerator<Buffer, void> {
  if (!first.done) yield first.value;
  yield* pieces;
}
