import type { EntityManager } from "typeorm";
import { In } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { EvidenceList, EvidenceRequest, EvidenceView } from "#shared/contract/evidence";
import { maxPackageMessages } from "#shared/contract/evidence";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatPageCursor, parsePageCursor } from "../../platform/http/page-cursor.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import {
  formatShanghaiDay,
  parseShanghaiDay,
  shanghaiDay,
  startOfShanghaiDay,
} from "../../platform/shanghai-day.ts";
import type { ObjectStore } from "../../platform/objects/object-store.ts";
import { openSealedFile } from "../../platform/vault/sealed-file-reader.ts";
import type { SealedFile } from "../../platform/vault/sealed-file-reader.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import type { ConversationRange, ProvenMessages } from "../archive/proven-messages.ts";
import type { NewReading } from "../reading/reading-log.ts";
import type { Actor } from "../sign-in/actor.ts";
import { EvidencePackage } from "./evidence.entity.ts";

/** Packages of evidence, from the wish to the download. Who may see a conversation is asked of others. */
export interface Evidence {
  /** Throws `not_found` when the conversation is not within the requester's reach. */
  request(actor: Actor, request: EvidenceRequest): Promise<EvidenceView>;
  list(actor: Actor, cursor?: string): Promise<EvidenceList>;
  get(actor: Actor, id: string): Promise<EvidenceView>;
  /** For the requester alone, while it is kept; goes on record. */
  download(actor: Actor, id: string): Promise<{ name: string; file: SealedFile }>;
  /** For the approval: lets the building begin, or ends it. */
  approve(tx: EntityManager, id: string, by: string): Promise<void>;
  end(tx: EntityManager, id: string): Promise<void>;
  describe(id: string): Promise<string>;
}

export interface EvidenceDeps {
  database: Database;
  vault: Vault;
  clock: Clock;
  store: Pick<ObjectStore, "read">;
  messages: Pick<ProvenMessages, "measure">;
  keyFingerprint: string;
  /** Those whose conversations the requester may ask for. */
  conversationFor(
    actor: Actor,
    wish: { conversationId?: string | undefined; caseId?: string | undefined },
  ): Promise<string>;
  /** Who takes part, masked, by conversation. */
  titlesOf(conversationIds: readonly string[]): Promise<Map<string, string>>;
  namesOf(memberIds: readonly string[]): Promise<Map<string, string>>;
  /** Whether the actor sees everybody's requests: who decides on them, and who audits. */
  seesAll(actor: Actor): boolean;
  askApproval(tx: EntityManager, id: string, reason: string, by: string): Promise<void>;
  startBuilding(tx: EntityManager, id: string): Promise<void>;
  /** Those whose chat it is can look it up. */
  logReading(tx: EntityManager, reading: Omit<NewReading, "subjectIds">): Promise<void>;
}

/** Why it was asked for must outlive the deletion of any one person. */
export const EVIDENCE_SUBJECT = "corp";
const PAGE = 20;

export function evidencePlace(id: string, column: "purpose" | "file_key"): Place {
  return { table: "evidence_package", column, rowId: id };
}

export function packageObjectName(id: string): string {
  return `evidence/${id}`;
}

export function createEvidence(deps: EvidenceDeps): Evidence {
  const { database, vault, clock } = deps;

  async function findVisible(actor: Actor, id: string): Promise<EvidencePackage> {
    const row = await database.read.findOneBy(EvidencePackage, { id });
    if (!row || (row.requestedBy !== actor.memberId && !deps.seesAll(actor))) {
      throw new AppError("not_found");
    }
    return row;
  }

  async function present(actor: Actor, rows: readonly EvidencePackage[]): Promise<EvidenceView[]> {
    const [titles, names] = await Promise.all([
      deps.titlesOf([...new Set(rows.map(({ conversationId }) => conversationId))]),
      deps.namesOf(rows.flatMap((row) => [row.requestedBy, row.approvedBy ?? []].flat())),
    ]);
    return await Promise.all(
      rows.map(async (row) => ({
        id: row.id,
        state: row.state,
        title: titles.get(row.conversationId) ?? "已销毁的会话",
        caseId: row.caseId,
        fromDay: formatShanghaiDay(shanghaiDay(row.fromMs)),
        toDay: formatShanghaiDay(shanghaiDay(row.toMs) - 1),
        purpose: await vault.openText(evidencePlace(row.id, "purpose"), row.purpose),
        legalBasis: row.legalBasis,
        requestedByName: names.get(row.requestedBy) ?? row.requestedBy,
        requestedAtMs: row.requestedAtMs,
        approvedByName: row.approvedBy && (names.get(row.approvedBy) ?? row.approvedBy),
        progress: row.progress,
        problem: row.problem,
        messageCount: row.messageCount,
        sizeBytes: row.sizeBytes,
        sha256: row.sha256,
        expiresAtMs: row.expiresAtMs,
        mayDownload: isKept(row, clock.now()) && row.requestedBy === actor.memberId,
      })),
    );
  }

  async function checkExtent(range: ConversationRange): Promise<void> {
    const extent = await deps.messages.measure(range);
    if (!extent) throw new AppError("invalid_request", { fromDay: "这段时间没有消息" });
    if (extent.last - extent.first + 1 > maxPackageMessages) {
      throw new AppError("invalid_request", {
        toDay: `消息超过 ${maxPackageMessages} 条，请缩短时间，分几次申请`,
      });
    }
  }

  const evidence: Evidence = {
    async request(actor, { conversationId, caseId, fromDay, toDay, purpose, legalBasis }) {
      const range = {
        conversationId: await deps.conversationFor(actor, { conversationId, caseId }),
        ...rangeOf(fromDay, toDay),
      };
      await checkExtent(range);
      const [id, requestedAtMs] = [uuidv7(), clock.now()];
      await database.write(async (tx) => {
        const sealer = await vault.sealerFor(tx, [EVIDENCE_SUBJECT]);
        await tx.insert(EvidencePackage, {
          id,
          state: "waiting",
          ...range,
          caseId: caseId ?? null,
          purpose: sealer.seal(EVIDENCE_SUBJECT, evidencePlace(id, "purpose"), purpose),
          legalBasis,
          requestedBy: actor.memberId,
          requestedAtMs,
          approvedBy: null,
          approvedAtMs: null,
          progress: 0,
          attempts: 0,
          problem: null,
          messageCount: null,
          sizeBytes: null,
          sha256: null,
          fileKey: null,
          expiresAtMs: null,
        });
        recordEntry(tx, {
          kind: "evidence.requested",
          actorId: actor.memberId,
          objectId: id,
          atMs: requestedAtMs,
          details: { fromMs: range.fromMs, toMs: range.toMs, legalBasis },
        });
        await deps.askApproval(tx, id, purpose, actor.memberId);
      });
      return await evidence.get(actor, id);
    },

    async list(actor, cursor) {
      const query = database.read
        .createQueryBuilder(EvidencePackage, "p")
        .where(deps.seesAll(actor) ? "1 = 1" : "p.requestedBy = :me", { me: actor.memberId })
        .orderBy("p.requestedAtMs", "DESC")
        .addOrderBy("p.id", "DESC")
        .take(PAGE + 1);
      if (cursor !== undefined) {
        const after = parsePageCursor(cursor);
        query.andWhere("p.requestedAtMs <= :atMs", after);
        query.andWhere("(p.requestedAtMs < :atMs OR p.id < :id)", after);
      }
      const rows = await query.getMany();
      const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
      return {
        packages: await present(actor, rows.slice(0, PAGE)),
        nextCursor: last ? formatPageCursor({ atMs: last.requestedAtMs, id: last.id }) : null,
        keyFingerprint: deps.keyFingerprint,
      };
    },

    async get(actor, id) {
      const [view] = await present(actor, [await findVisible(actor, id)]);
      if (!view) throw new AppError("not_found");
      return view;
    },

    async download(actor, id) {
      const row = await findVisible(actor, id);
      const { fileKey, sizeBytes } = row;
      if (row.requestedBy !== actor.memberId || !isKept(row, clock.now()) || !fileKey) {
        throw new AppError("not_found");
      }
      const key = await vault.open(evidencePlace(id, "file_key"), fileKey);
      // On record before the first byte leaves.
      const purpose = await vault.openText(evidencePlace(id, "purpose"), row.purpose);
      await database.write((tx) =>
        deps.logReading(tx, {
          kind: "evidence",
          readerId: actor.memberId,
          conversationId: row.conversationId,
          purpose,
          atMs: clock.now(),
          act: "evidence.downloaded",
          objectId: id,
          details: { sha256: row.sha256 },
        }),
      );
      const file = openSealedFile(deps.store, packageObjectName(id), { key, size: sizeBytes ?? 0 });
      return { name: `evidence-${id}.zip`, file };
    },

    async approve(tx, id, by) {
      const approved = { state: "building", approvedBy: by, approvedAtMs: clock.now() } as const;
      await tx.update(EvidencePackage, { id, state: "waiting" }, approved);
      await deps.startBuilding(tx, id);
    },

    async end(tx, id) {
      await tx.update(EvidencePackage, { id, state: "waiting" }, { state: "refused" });
    },

    async describe(id) {
      const row = await database.read.findOneByOrFail(EvidencePackage, { id });
      const titles = await deps.titlesOf([row.conversationId]);
      const [from, to] = [shanghaiDay(row.fromMs), shanghaiDay(row.toMs) - 1];
      const days = `${formatShanghaiDay(from)} 至 ${formatShanghaiDay(to)}`;
      return `导出证据包：${titles.get(row.conversationId) ?? "已销毁的会话"}，${days}`;
    },
  };
  return evidence;
}

/** Packages of these conversations, for the trail of the next one. */
export async function listPackagesOf(database: Database, conversationIds: readonly string[]) {
  return await database.read.findBy(EvidencePackage, { conversationId: In([...conversationIds]) });
}

export async function purposesOfPackages(
  { database, vault }: { database: Database; vault: Vault },
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await database.read.findBy(EvidencePackage, { id: In([...ids]) });
  const purposes = rows.map(async ({ id, purpose }): Promise<[string, string]> => [
    id,
    await vault.openText(evidencePlace(id, "purpose"), purpose),
  ]);
  return new Map(await Promise.all(purposes));
}

export function isKept({ state, expiresAtMs }: EvidencePackage, nowMs: number): boolean {
  return state === "ready" && expiresAtMs !== null && nowMs < expiresAtMs;
}

function rangeOf(fromDay: string, toDay: string): { fromMs: number; toMs: number } {
  const [from, to] = [parseShanghaiDay(fromDay), parseShanghaiDay(toDay)];
  if (Number.isNaN(from)) throw new AppError("invalid_request", { fromDay: "没有这一天" });
  if (Number.isNaN(to)) throw new AppError("invalid_request", { toDay: "没有这一天" });
  return { fromMs: startOfShanghaiDay(from), toMs: startOfShanghaiDay(to + 1) };
}
