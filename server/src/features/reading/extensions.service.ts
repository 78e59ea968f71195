import { In, LessThan, LessThanOrEqual } from "typeorm";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type {
  ExtensionList,
  ExtensionRequest,
  ExtensionView,
} from "#shared/contract/reading-extension";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { takeTurn } from "../../platform/database/take-turn.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatPageCursor, parsePageCursor } from "../../platform/http/page-cursor.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { Approvals, Approved } from "../approvals/approvals.service.ts";
import type { ArchivedConversation, Conversations } from "../archive/conversations.service.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { daysOf, rangeOf, sayRange } from "./extension-range.ts";
import { extensionPlace, ReadingExtension, ShownMessage } from "./extension.entity.ts";
import { logReading, READING_SUBJECT } from "./reading-log.ts";

/** Reading more than everybody may: asked for with a purpose, approved by another, ended by time, hand or a change of rights. */
export interface Extensions {
  /** Throws `not_found` when the conversation is not within reach, `already_asked` while one waits or is active. */
  request(actor: Actor, request: ExtensionRequest): Promise<ExtensionView>;
  list(actor: Actor, cursor?: string): Promise<ExtensionList>;
  end(actor: Actor, id: string): Promise<ExtensionView>;
  /** Those by which the member may read more now. */
  activeOf(readerId: string): Promise<ReadingExtension[]>;
  /** What there is for a conversation: the one that waits or is active. */
  findOpen(readerId: string, conversationId: string): Promise<ReadingExtension | null>;
  /** Their rights have changed, or they have left. With the caller's transaction. */
  endAllOf(tx: EntityManager, memberIds: readonly string[]): Promise<void>;
  /** Closes what has run out and forgets what was shown on earlier days. */
  expire(tx: EntityManager): Promise<void>;
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  approvals: Pick<Approvals, "register" | "request">;
  access: Pick<Access, "holdersOf">;
  members: Pick<Members, "namesOf">;
  conversations: Pick<Conversations, "find">;
  views: Pick<ConversationViews, "titlesOf">;
  /** Throws `not_found` when the reader may not see it. */
  findReadable(readerId: string, conversationId: string): Promise<ArchivedConversation>;
}

const KIND = "reading.bulk";
const APPROVAL_VALID_MS = 3 * 24 * 3600_000;
const DAY_MS = 24 * 3600_000;
const PAGE = 20;

const payload = z.strictObject({ extensionId: z.string(), memberIds: z.array(z.string()) });
type Payload = z.infer<typeof payload>;

export function createExtensions(deps: Deps): Extensions {
  const { database, vault, clock, approvals, members } = deps;

  const isActive = ({ state, endsAtMs }: ReadingExtension): boolean =>
    state === "active" && endsAtMs !== null && clock.now() < endsAtMs;

  const seesAll = ({ permissions }: Actor): boolean =>
    permissions.has("reading.approve") || permissions.has("audit.read");

  async function begin(tx: EntityManager, approved: Approved<Payload>): Promise<void> {
    const { objectId: id, requestedBy, decidedBy, atMs } = approved;
    const row = await tx.findOneByOrFail(ReadingExtension, { id });
    const endsAtMs = atMs + row.days * DAY_MS;
    const active = { state: "active", approvedBy: decidedBy, startedAtMs: atMs, endsAtMs } as const;
    await tx.update(ReadingExtension, { id, state: "waiting" }, active);
    await logReading(tx, vault, {
      kind: "bulk",
      readerId: requestedBy,
      conversationId: row.conversationId,
      purpose: await vault.openText(extensionPlace(id), row.purpose),
      subjectIds: approved.payload.memberIds,
      atMs,
      act: "reading.extended",
      details: { approvedBy: decidedBy, object: id, until: endsAtMs },
    });
  }

  approvals.register<Payload>({
    kind: KIND,
    permission: "reading.approve",
    needsFreshSignIn: true,
    payload,
    validMs: APPROVAL_VALID_MS,
    async describe({ objectId }) {
      const row = await database.read.findOneBy(ReadingExtension, { id: objectId });
      if (!row) return { title: "阅读更多（记录已到期销毁）", path: null };
      const titles = await deps.views.titlesOf([row.conversationId]);
      const title = titles.get(row.conversationId) ?? "已销毁的会话";
      return { title: `阅读更多：${title}，${sayRange(row)}，${row.days} 天内有效`, path: null };
    },
    // Whose chats it opens must not be the one who opens them.
    excludes: ({ payload: { memberIds } }) => memberIds,
    onApproved: begin,
    async onEnded(tx, { payload: { extensionId: id } }) {
      await tx.update(ReadingExtension, { id, state: "waiting" }, { state: "refused" });
    },
  });

  async function close(tx: EntityManager, rows: readonly ReadingExtension[], by: string) {
    const atMs = clock.now();
    for (const { id } of rows) {
      const { affected } = await tx.update(
        ReadingExtension,
        { id, state: "active" },
        { state: "ended", endedAtMs: atMs, endedBy: by },
      );
      if (affected !== 1) continue;
      recordEntry(tx, { kind: "reading.ended", actorId: by, objectId: id, atMs, details: {} });
    }
  }

  async function demandApprover(exceptIds: readonly string[]): Promise<void> {
    const holders = await deps.access.holdersOf("reading.approve");
    if (!holders.some((id) => !exceptIds.includes(id))) throw new AppError("no_reading_approver");
  }

  async function present(
    actor: Actor,
    rows: readonly ReadingExtension[],
  ): Promise<ExtensionView[]> {
    const [titles, names] = await Promise.all([
      deps.views.titlesOf([...new Set(rows.map(({ conversationId }) => conversationId))]),
      members.namesOf(
        rows.flatMap((row) => [row.readerId, row.approvedBy ?? [], row.endedBy ?? []].flat()),
      ),
    ]);
    const nameOf = (id: string | null): string | null =>
      id === "system" ? "系统" : id && (names.get(id) ?? id);
    return await Promise.all(
      rows.map(async (row) => ({
        id: row.id,
        state: row.state === "active" && !isActive(row) ? "ended" : row.state,
        conversationId: row.conversationId,
        title: titles.get(row.conversationId) ?? "已销毁的会话",
        readerName: nameOf(row.readerId) ?? row.readerId,
        purpose: await vault.openText(extensionPlace(row.id), row.purpose),
        ...daysOf(row),
        requestedAtMs: row.requestedAtMs,
        approvedByName: nameOf(row.approvedBy),
        endsAtMs: row.endsAtMs,
        endedAtMs: row.endedAtMs,
        endedByName: nameOf(row.endedBy),
        isMine: row.readerId === actor.memberId,
        mayEnd: isActive(row) && mayEnd(actor, row),
      })),
    );
  }

  const mayEnd = (actor: Actor, row: ReadingExtension): boolean =>
    row.readerId === actor.memberId || actor.permissions.has("reading.approve");

  async function view(actor: Actor, id: string): Promise<ExtensionView> {
    const row = await database.read.findOneByOrFail(ReadingExtension, { id });
    const [shown] = await present(actor, [row]);
    if (!shown) throw new AppError("not_found");
    return shown;
  }

  const extensions: Extensions = {
    async request(actor, { conversationId, fromDay, toDay, days, reason }) {
      const conversation = await deps.findReadable(actor.memberId, conversationId);
      const range = rangeOf(fromDay, toDay);
      const { memberIds } = conversation;
      await demandApprover([actor.memberId, ...memberIds]);
      const id = uuidv7();
      await database.write(async (tx) => {
        await takeTurn(tx, `reading:${actor.memberId}`);
        const open = await tx.findBy(ReadingExtension, {
          readerId: actor.memberId,
          conversationId,
          state: In(["waiting", "active"]),
        });
        if (open.some((row) => row.state === "waiting" || isActive(row))) {
          throw new AppError("already_asked");
        }
        const sealer = await vault.sealerFor(tx, [READING_SUBJECT]);
        await tx.insert(ReadingExtension, {
          id,
          state: "waiting",
          readerId: actor.memberId,
          conversationId,
          ...range,
          days,
          purpose: sealer.seal(READING_SUBJECT, extensionPlace(id), reason),
          requestedAtMs: clock.now(),
          approvedBy: null,
          startedAtMs: null,
          endsAtMs: null,
          endedAtMs: null,
          endedBy: null,
        });
        await approvals.request(tx, {
          kind: KIND,
          objectId: id,
          payload: { extensionId: id, memberIds } satisfies Payload,
          reason,
          requestedBy: actor.memberId,
        });
      });
      return await view(actor, id);
    },

    async list(actor, cursor) {
      const query = database.read
        .createQueryBuilder(ReadingExtension, "x")
        .where(seesAll(actor) ? "1 = 1" : "x.readerId = :me", { me: actor.memberId })
        .orderBy("x.requestedAtMs", "DESC")
        .addOrderBy("x.id", "DESC")
        .take(PAGE + 1);
      if (cursor !== undefined) {
        const after = parsePageCursor(cursor);
        query.andWhere("x.requestedAtMs <= :atMs", after);
        query.andWhere("(x.requestedAtMs < :atMs OR x.id < :id)", after);
      }
      const rows = await query.getMany();
      const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
      return {
        extensions: await present(actor, rows.slice(0, PAGE)),
        nextCursor: last ? formatPageCursor({ atMs: last.requestedAtMs, id: last.id }) : null,
      };
    },

    async end(actor, id) {
      const row = await database.read.findOneBy(ReadingExtension, { id });
      if (!row || !mayEnd(actor, row)) throw new AppError("not_found");
      if (!isActive(row)) throw new AppError("already_decided");
      await database.write((tx) => close(tx, [row], actor.memberId));
      return await view(actor, id);
    },

    async activeOf(readerId) {
      const rows = await database.read.findBy(ReadingExtension, { readerId, state: "active" });
      return rows.filter(isActive);
    },

    async findOpen(readerId, conversationId) {
      const rows = await database.read.findBy(ReadingExtension, {
        readerId,
        conversationId,
        state: In(["waiting", "active"]),
      });
      return rows.find((row) => row.state === "waiting" || isActive(row)) ?? null;
    },

    async endAllOf(tx, memberIds) {
      const rows = await tx.findBy(ReadingExtension, {
        readerId: In([...memberIds]),
        state: "active",
      });
      await close(tx, rows, "system");
    },

    async expire(tx) {
      const over = await tx.findBy(ReadingExtension, {
        state: "active",
        endsAtMs: LessThanOrEqual(clock.now()),
      });
      await close(tx, over, "system");
      await tx.delete(ShownMessage, { day: LessThan(shanghaiDay(clock.now())) });
    },
  };
  return extensions;
}
