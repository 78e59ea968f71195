import { setImmediate as nextTurn } from "node:timers/promises";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type {
  PersonCertificate,
  PersonDestruction,
  PersonKind,
  PersonPreview,
} from "#shared/contract/person-destruction";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { acquireLease } from "../../platform/jobs/lease.ts";
import type { Lease } from "../../platform/jobs/lease.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import type { AgedMessage, ArchiveExpiry } from "../archive/expiry.ts";
import type { Members } from "../members/members.service.ts";
import { findHeld, readHolds } from "./active-holds.ts";
import type { DestroyMessages } from "./destroy-messages.ts";
import { EXPIRY_LEASE } from "./holds.service.ts";
import type { PersonActs } from "./person-acts.ts";
import { PersonDestructionRow } from "./person.entity.ts";
import { destroyedPerson } from "./record-keeper.ts";
import type { RecordKeeper } from "./record-keeper.ts";

/** The kind of approval. */
export const DESTROY_PERSON = "person.destroy";

/**
 * Destroys all that is kept of one person: messages with their files, hits, cases and index entries, the profile, and
 * at last every data key of the person, so that what may still lie in a free page of the database opens nothing. Of a
 * customer these are the single chats, both sides, and what they said in groups; of a member who has left, what they
 * said in groups and internal chats (their chats with customers are the customers'). What a legal hold keeps stays,
 * with the keys. Steps are bounded and under the lease of the nightly run, so holds are never overlooked.
 */
export interface PersonDestructions {
  /** Throws `invalid_request` when there is no such person or the member has not left. */
  preview(personId: string): Promise<PersonPreview>;
  /** Asks a second person. Throws as the preview, and when a hold is on the person. */
  request(
    request: { personId: string; reason: string },
    memberId: string,
  ): Promise<PersonDestruction>;
  /** In the transaction of the approval. */
  approve(tx: EntityManager, id: string, decidedBy: string): Promise<void>;
  refuse(tx: EntityManager, id: string): Promise<void>;
  /** Goes on wherever it was interrupted. "busy": another process destroys something at this moment. */
  run(id: string): Promise<"done" | "busy">;
  list(): Promise<PersonDestruction[]>;
  /** Throws `not_found` unless it is over. */
  certificate(id: string): Promise<PersonCertificate>;
}

export interface PersonDestructionDeps {
  database: Database;
  vault: Pick<Vault, "destroyKeys" | "keysOf">;
  clock: Clock;
  members: Pick<Members, "namesOf" | "find">;
  archive: Pick<ArchiveExpiry, "hasParty" | "listOfPerson" | "partiesOf">;
  destroyMessages: DestroyMessages;
  countCases: (manager: EntityManager, seqs: readonly number[]) => Promise<number>;
  forgetCustomers: (tx: EntityManager, customerIds: readonly string[]) => Promise<void>;
  acts: PersonActs;
  keepers: readonly RecordKeeper[];
  approvals: Pick<Approvals, "request">;
  backupDays: number;
  /** Messages a transaction; tests take fewer. */
  stepSize?: number;
}

const LEASE_MS = 60_000;
const STEP = 200;
const LISTED = 50;
const DAY_MS = 24 * 3600_000;

const stays: Record<PersonKind, readonly string[]> = {
  customer: [
    "别人在群里提到此人的话：属于说话的人，需要时请人工核对。",
    "谁在什么时候查阅过、开过紧急访问：依法留到期限，只有账号，写下的原因已抹去；搜索过的词和没复核完的紧急访问除外。",
    "存档同意记录和留痕（哈希）：证明处理合法，只有账号，没有内容。",
    "还解不开的原样消息：不知道是谁的，到期销毁。",
  ],
  member: [
    "与客户的单聊：属于客户的数据，按客户销毁或到期销毁。",
    "查阅记录、紧急访问、审批和留痕：依法留到期限；查阅内部聊天和紧急访问的原因已抹去，没复核完的除外。",
    "规则试跑的统计：只剩合计，不再有此人。",
    "还解不开的原样消息：不知道是谁的，到期销毁。",
  ],
};

export function createPersonDestructions(deps: PersonDestructionDeps): PersonDestructions {
  const { database, vault, clock, members, archive } = deps;
  const limit = deps.stepSize ?? STEP;

  async function locate(given: string): Promise<{ personId: string; kind: PersonKind }> {
    const member = await members.find(given.toLowerCase());
    if (member?.isActive) {
      throw new AppError("invalid_request", { personId: "这位成员还在职，离职后才能销毁" });
    }
    if (member) return { personId: member.id, kind: "member" };
    if (await archive.hasParty(database.read, given)) return { personId: given, kind: "customer" };
    throw new AppError("invalid_request", { personId: "没有这个成员或客户，请核对账号" });
  }

  /** A stretch of what is the person's, apart by whether a hold keeps it. */
  async function look(
    manager: EntityManager,
    person: { personId: string; kind: PersonKind },
    afterSeq: number,
  ): Promise<{ free: AgedMessage[]; held: AgedMessage[]; next: number | null }> {
    const page = await archive.listOfPerson(manager, { ...person, afterSeq, limit });
    const parties = await archive.partiesOf(manager, [
      ...new Set(page.map(({ conversationId }) => conversationId)),
    ]);
    const kept = findHeld(await readHolds(manager), parties);
    return {
      free: page.filter(({ conversationId }) => !kept.has(conversationId)),
      held: page.filter(({ conversationId }) => kept.has(conversationId)),
      next: page.length < limit ? null : (page.at(-1)?.seq ?? null),
    };
  }

  async function destroyActs(tx: EntityManager, row: PersonDestructionRow): Promise<void> {
    const { free, held } = await deps.acts.destroy(tx, row);
    await tx.increment(PersonDestructionRow, { id: row.id }, "cases", free);
    await tx.increment(PersonDestructionRow, { id: row.id }, "held", held);
  }

  async function present(rows: readonly PersonDestructionRow[]): Promise<PersonDestruction[]> {
    const names = await members.namesOf(
      rows.flatMap(({ requestedBy, approvedBy }) => [requestedBy, approvedBy ?? []].flat()),
    );
    return rows.map(({ dataKeys, ...row }) => ({
      ...row,
      keys: dataKeys,
      requestedBy: names.get(row.requestedBy) ?? row.requestedBy,
      approvedBy: row.approvedBy && (names.get(row.approvedBy) ?? row.approvedBy),
    }));
  }

  function record(tx: EntityManager, row: PersonDestructionRow, what: string, by: string): void {
    const { id: objectId, personId, messages, cases, dataKeys, held } = row;
    recordEntry(tx, {
      kind: `person.${what}`,
      actorId: by,
      objectId,
      atMs: clock.now(),
      details: { personId, messages, cases, keys: dataKeys, held },
    });
  }

  async function destroyStep(
    tx: EntityManager,
    row: PersonDestructionRow,
    afterSeq: number,
  ): Promise<number | null> {
    const { free, held, next } = await look(tx, row, afterSeq);
    const cases = free.length > 0 ? (await deps.destroyMessages(tx, free)).length : 0;
    await tx.increment(PersonDestructionRow, { id: row.id }, "messages", free.length);
    await tx.increment(PersonDestructionRow, { id: row.id }, "cases", cases);
    await tx.increment(PersonDestructionRow, { id: row.id }, "held", held.length);
    return next;
  }

  /** The keys at the end, and only when nothing is left that needs them. */
  async function finish(tx: EntityManager, id: string, lastPlace: number): Promise<void> {
    let row = await tx.findOneByOrFail(PersonDestructionRow, { id });
    const isWhole = row.held === 0;
    if (isWhole) {
      const dataKeys = await vault.destroyKeys(tx, await vault.keysOf(tx, row.personId));
      row = await destroyLate(tx, row, lastPlace);
      row.dataKeys += dataKeys;
      if (row.kind === "customer") await deps.forgetCustomers(tx, [row.personId]);
    }
    row.state = isWhole ? "done" : "partly";
    row.finishedAtMs = clock.now();
    row.backupDays = deps.backupDays;
    await tx.save(row);
    record(tx, row, "destroyed", "system");
  }

  /** What was stored under those keys before they went; what comes from now on has a new one. */
  async function destroyLate(
    tx: EntityManager,
    row: PersonDestructionRow,
    lastPlace: number,
  ): Promise<PersonDestructionRow> {
    for (let place: number | null = lastPlace; place !== null;) {
      place = await destroyStep(tx, row, place);
    }
    await destroyActs(tx, row);
    const after = await tx.findOneByOrFail(PersonDestructionRow, { id: row.id });
    if (after.held > 0)
      throw new LateHoldError("a hold came in the last moment: all is counted anew");
    return after;
  }

  async function runUnder(lease: Lease, row: PersonDestructionRow): Promise<void> {
    const inLease = <T>(work: (tx: EntityManager) => Promise<T>): Promise<T> =>
      database.write(async (tx) => {
        if (!(await lease.renew())) throw new LostDestructionError();
        return await work(tx);
      });
    // What is held is counted anew when a run was interrupted.
    await inLease((tx) => tx.update(PersonDestructionRow, { id: row.id }, { held: 0 }));
    let here = 0;
    for (let next: number | null = 0; next !== null;) {
      here = next;
      next = await inLease((tx) => destroyStep(tx, row, here));
      await nextTurn();
    }
    await inLease((tx) => destroyActs(tx, row));
    const { held } = await database.read.findOneByOrFail(PersonDestructionRow, { id: row.id });
    if (held === 0) await leaveRecords(row, inLease);
    await inLease((tx) => finish(tx, row.id, here));
  }

  /** Records of what others did stay for their time, without what they say of this person. */
  async function leaveRecords(
    { personId, kind }: PersonDestructionRow,
    inLease: (work: (tx: EntityManager) => Promise<string | null>) => Promise<string | null>,
  ): Promise<void> {
    const person = destroyedPerson(personId, kind);
    for (const keeper of deps.keepers) {
      for (let place: string | null = ""; place !== null;) {
        const afterId: string = place;
        place = await inLease((tx) => keeper.removePerson(tx, person, { afterId, limit }));
        await nextTurn();
      }
    }
  }

  return {
    async preview(given) {
      const person = await locate(given);
      const { read } = database;
      let [messages, held, cases] = [0, 0, 0];
      for (let place: number | null = 0; place !== null;) {
        const slice: Awaited<ReturnType<typeof look>> = await look(read, person, place);
        messages += slice.free.length;
        held += slice.held.length;
        cases += await deps.countCases(
          read,
          slice.free.map(({ seq }) => seq),
        );
        place = slice.next;
        await nextTurn();
      }
      const acts = await deps.acts.count(read, person);
      cases += acts.free;
      held += acts.held;
      const keys = (await vault.keysOf(read, person.personId)).length;
      return { ...person, messages, held, cases, keys, stays: [...stays[person.kind]] };
    },

    async request({ personId: given, reason }, memberId) {
      const person = await locate(given);
      const row = Object.assign(new PersonDestructionRow(), {
        id: uuidv7(),
        ...person,
        state: "waiting",
        requestedBy: memberId,
        requestedAtMs: clock.now(),
        approvedBy: null,
        approvedAtMs: null,
        finishedAtMs: null,
        messages: 0,
        cases: 0,
        dataKeys: 0,
        held: 0,
        backupDays: deps.backupDays,
      } as const);
      await database.write(async (tx) => {
        if ((await readHolds(tx)).personIds.has(person.personId)) {
          throw new AppError("invalid_request", {
            personId: "此人在留存中，不能销毁；先解除留存",
          });
        }
        await tx.insert(PersonDestructionRow, row);
        await deps.approvals.request(tx, {
          kind: DESTROY_PERSON,
          objectId: row.id,
          payload: { id: row.id },
          reason,
          requestedBy: memberId,
        });
        record(tx, row, "destruction_requested", memberId);
      });
      return (await present([row]))[0] as PersonDestruction;
    },

    async approve(tx, id, decidedBy) {
      const change = {
        state: "running",
        approvedBy: decidedBy,
        approvedAtMs: clock.now(),
      } as const;
      await tx.update(PersonDestructionRow, { id, state: "waiting" }, change);
    },

    async refuse(tx, id) {
      const change = { state: "refused", finishedAtMs: clock.now() } as const;
      await tx.update(PersonDestructionRow, { id, state: "waiting" }, change);
    },

    async run(id) {
      const row = await database.read.findOneBy(PersonDestructionRow, { id });
      if (row?.state !== "running") return "done";
      const lease = await acquireLease(database, EXPIRY_LEASE, LEASE_MS);
      if (!lease) return "busy";
      try {
        await runUnder(lease, row);
        return "done";
      } finally {
        await lease.release();
      }
    },

    async list() {
      const rows = await database.read.find(PersonDestructionRow, {
        order: { requestedAtMs: "DESC", id: "DESC" },
        take: LISTED,
      });
      return await present(rows);
    },

    async certificate(id) {
      const row = await database.read.findOneBy(PersonDestructionRow, { id });
      if (!row || (row.state !== "done" && row.state !== "partly")) throw new AppError("not_found");
      const [destruction] = await present([row]);
      return {
        destruction: destruction as PersonDestruction,
        backupsUntilMs: (row.finishedAtMs ?? 0) + row.backupDays * DAY_MS,
        stays: [...stays[row.kind]],
      };
    },
  };
}

/** Undoes the step; the job comes again and finds the hold. */
class LateHoldError extends Error {
  override name = "LateHoldError";
}

/** Another process has taken over; what this one was about to destroy is left to it. */
class LostDestructionError extends Error {
  override name = "LostDestructionError";
}
