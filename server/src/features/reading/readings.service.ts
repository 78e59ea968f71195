import type {
  OwnReadings,
  ReadingRequest,
  ReadingView,
  SearchRequest,
  SearchView,
} from "#shared/contract/reading";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatPageCursor, parsePageCursor } from "../../platform/http/page-cursor.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchivedConversation, Conversations } from "../archive/conversations.service.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { logReading } from "./reading-log.ts";
import type { SearchWish } from "./reading-log.ts";
import { readingPlace, ReadingRow, ReadingSubject } from "./reading.entity.ts";
import type { ReadingScopes } from "./reading-scope.ts";

/**
 * Who reads what, and why. A reading is written down before anything is shown, opens one conversation (or one
 * search) for its reader alone, and ends by itself; the people whom it concerns can look it up.
 */
export interface Readings {
  /** Throws `not_found` when there is no such conversation or case, or the reader may not see it. */
  start(reader: Actor, request: ReadingRequest): Promise<ReadingView>;
  startSearch(reader: Actor, request: SearchRequest): Promise<SearchView>;
  /** Throws `not_found` when there is no such conversation, or the reader may not see it. */
  findReadable(readerId: string, conversationId: string): Promise<ArchivedConversation>;
  /** Throws `not_found` when the reading is somebody else's, has ended, or the reader may no longer see it. */
  getConversation(readerId: string, readingId: string): Promise<ArchivedConversation>;
  getSearch(readerId: string, readingId: string): Promise<SearchWish>;
  /** Readings of the member's own chats, newest first. */
  listAbout(memberId: string, cursor?: string): Promise<OwnReadings>;
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  members: Pick<Members, "namesOf">;
  conversations: Pick<Conversations, "find">;
  hitMarks: Pick<HitMarks, "placeOf">;
  scopes: Pick<ReadingScopes, "mayRead" | "select">;
  views: ConversationViews;
}

const VALID_MS = 30 * 60_000;
const PAGE = 20;

export function createReadings(deps: Deps): Readings {
  const { database, vault, clock, members, conversations, hitMarks, scopes, views } = deps;

  async function findReadable(
    readerId: string,
    conversationId: string,
  ): Promise<ArchivedConversation> {
    const [found] = await conversations.find([conversationId]);
    // 404 for somebody else's, too: whether it exists is nobody's business.
    if (!found || !(await scopes.mayRead(readerId, found.memberIds))) {
      throw new AppError("not_found");
    }
    return found;
  }

  async function targetOf(
    request: ReadingRequest,
  ): Promise<{ conversationId: string; anchorSeq: number | null }> {
    if (request.conversationId !== undefined) {
      return { conversationId: request.conversationId, anchorSeq: null };
    }
    const place = await hitMarks.placeOf(request.caseId ?? "");
    if (!place) throw new AppError("not_found");
    return { conversationId: place.conversationId, anchorSeq: place.messageSeq };
  }

  async function write(
    reading: Omit<Parameters<typeof logReading>[2], "atMs" | "act">,
  ): Promise<{ id: string; startedAtMs: number }> {
    const startedAtMs = clock.now();
    const act = `${reading.kind}.read`;
    const id = await database.write((tx) =>
      logReading(tx, vault, { ...reading, act, atMs: startedAtMs }),
    );
    return { id, startedAtMs };
  }

  async function getRow(
    readerId: string,
    id: string,
    kind: ReadingRow["kind"],
  ): Promise<ReadingRow> {
    const row = await database.read.findOneBy(ReadingRow, { id, readerId, kind });
    if (!row || clock.now() >= row.startedAtMs + VALID_MS) throw new AppError("not_found");
    return row;
  }

  return {
    findReadable,

    async start(reader, request) {
      const { conversationId, anchorSeq } = await targetOf(request);
      const conversation = await findReadable(reader.memberId, conversationId);
      const [view] = await views.present(reader.memberId, [conversation]);
      if (!view) throw new AppError("not_found");
      const { id, startedAtMs } = await write({
        kind: "conversation",
        readerId: reader.memberId,
        conversationId,
        purpose: request.purpose,
        subjectIds: conversation.memberIds,
      });
      return {
        id,
        conversation: view,
        anchorSeq,
        readerName: reader.name,
        startedAtMs,
        expiresAtMs: startedAtMs + VALID_MS,
      };
    },

    async startSearch(reader, { text, filter, purpose }) {
      const { memberIds } = await scopes.select(reader.memberId, filter);
      const { id, startedAtMs } = await write({
        kind: "search",
        readerId: reader.memberId,
        conversationId: null,
        purpose,
        wish: { text, filter },
        subjectIds: memberIds,
      });
      const expiresAtMs = startedAtMs + VALID_MS;
      return { id, readerName: reader.name, startedAtMs, expiresAtMs };
    },

    async getConversation(readerId, readingId) {
      const row = await getRow(readerId, readingId, "conversation");
      return await findReadable(readerId, row.conversationId ?? "");
    },

    async getSearch(readerId, readingId) {
      const row = await getRow(readerId, readingId, "search");
      if (row.search === null) throw new AppError("not_found");
      return JSON.parse(
        await vault.openText(readingPlace(row.id, "search"), row.search),
      ) as SearchWish;
    },

    async listAbout(memberId, cursor) {
      const query = database.read
        .createQueryBuilder(ReadingSubject, "s")
        .where("s.memberId = :memberId", { memberId })
        .orderBy("s.startedAtMs", "DESC")
        .addOrderBy("s.readingId", "DESC")
        .take(PAGE + 1);
      const after = cursor === undefined ? undefined : parsePageCursor(cursor);
      if (after) {
        query.andWhere("s.startedAtMs <= :atMs", after);
        query.andWhere("(s.startedAtMs < :atMs OR s.readingId < :id)", after);
      }
      const found = await query.getMany();
      const page = found.slice(0, PAGE);
      const last = page.at(-1);
      return {
        readings: await present(page.map(({ readingId }) => readingId)),
        nextCursor:
          found.length > PAGE && last
            ? formatPageCursor({ atMs: last.startedAtMs, id: last.readingId })
            : null,
      };
    },
  };

  async function present(ids: readonly string[]): Promise<OwnReadings["readings"]> {
    const rows = await database.read
      .createQueryBuilder(ReadingRow, "r")
      .where(ids.length === 0 ? "1 = 0" : "r.id IN (:...ids)", { ids })
      .orderBy("r.startedAtMs", "DESC")
      .addOrderBy("r.id", "DESC")
      .getMany();
    const names = await members.namesOf(rows.map(({ readerId }) => readerId));
    const known = await conversations.find([
      ...new Set(rows.flatMap(({ conversationId }) => conversationId ?? [])),
    ]);
    return await Promise.all(
      rows.map(async (row) => {
        const conversation = known.find(({ id }) => id === row.conversationId);
        return {
          id: row.id,
          kind: row.kind,
          readerName: names.get(row.readerId) ?? row.readerId,
          purpose: await vault.openText(readingPlace(row.id, "purpose"), row.purpose),
          // Their own chat: they know who the customer is.
          conversation: conversation
            ? {
                id: conversation.id,
                kind: conversation.kind,
                ...(await views.namesOf(conversation)),
              }
            : null,
          startedAtMs: row.startedAtMs,
        };
      }),
    );
  }
}
