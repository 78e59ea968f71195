import { Brackets, In, LessThan, MoreThan } from "typeorm";
import type { SelectQueryBuilder } from "typeorm";
import type { Vault } from "../../platform/vault/vault.ts";
import type { DestroyedPerson, RecordKeeper, RecordPage } from "../retention/record-keeper.ts";
import { extensionPlace, ReadingExtension } from "./extension.entity.ts";
import { READING_SUBJECT } from "./reading-log.ts";
import { readingPlace, ReadingRow, ReadingSubject } from "./reading.entity.ts";

/** Who read what. */
export function readingRecords(vault: Pick<Vault, "sealerFor">): RecordKeeper {
  return {
    classId: "reading",

    async listOver(manager, { afterId, untilMs, limit }) {
      const rows = await manager.find(ReadingRow, {
        where: { id: MoreThan(afterId), startedAtMs: LessThan(untilMs) },
        order: { id: "ASC" },
        take: limit,
      });
      const subjects = await manager.findBy(ReadingSubject, {
        readingId: In(rows.map(({ id }) => id)),
      });
      return rows.map(({ id, startedAtMs, readerId, conversationId }) => ({
        id,
        atMs: startedAtMs,
        personIds: [
          readerId,
          ...subjects.filter((one) => one.readingId === id).map(({ memberId }) => memberId),
        ],
        conversationIds: conversationId === null ? [] : [conversationId],
      }));
    },

    async destroy(tx, ids) {
      await tx.delete(ReadingSubject, { readingId: In([...ids]) });
      await tx.delete(ReadingRow, { id: In([...ids]) });
    },

    async removePerson(tx, person, page) {
      const ids = await idsAbout(tx.createQueryBuilder(ReadingRow, "r"), person, page);
      const sealer = await vault.sealerFor(tx, [READING_SUBJECT]);
      for (const id of ids) {
        const purpose = sealer.seal(READING_SUBJECT, readingPlace(id, "purpose"), person.instead);
        await tx.update(ReadingRow, { id }, { purpose });
      }
      return nextOf(ids, page);
    },
  };
}

/** Who was allowed to read more, once that is over. */
export function extensionRecords(vault: Pick<Vault, "sealerFor">): RecordKeeper {
  return {
    classId: "reading",

    async listOver(manager, { afterId, untilMs, limit }) {
      const rows = await manager.find(ReadingExtension, {
        where: {
          id: MoreThan(afterId),
          state: In(["ended", "refused"]),
          requestedAtMs: LessThan(untilMs),
        },
        order: { id: "ASC" },
        take: limit,
      });
      return rows.map(({ id, requestedAtMs, readerId, conversationId }) => ({
        id,
        atMs: requestedAtMs,
        personIds: [readerId],
        conversationIds: [conversationId],
      }));
    },

    async destroy(tx, ids) {
      await tx.delete(ReadingExtension, { id: In([...ids]) });
    },

    async removePerson(tx, person, page) {
      const ids = await idsAbout(tx.createQueryBuilder(ReadingExtension, "r"), person, page);
      const sealer = await vault.sealerFor(tx, [READING_SUBJECT]);
      for (const id of ids) {
        const purpose = sealer.seal(READING_SUBJECT, extensionPlace(id), person.instead);
        await tx.update(ReadingExtension, { id }, { purpose });
      }
      return nextOf(ids, page);
    },
  };
}

async function idsAbout<T extends ReadingRow | ReadingExtension>(
  query: SelectQueryBuilder<T>,
  { conversations }: DestroyedPerson,
  { afterId, limit }: RecordPage,
): Promise<string[]> {
  const isTheirs = new Brackets((where) => {
    for (const [at, pattern] of conversations.entries()) {
      where.orWhere(`r.conversationId LIKE :like${at} ESCAPE '!'`, { [`like${at}`]: pattern });
    }
  });
  const rows = await query
    .where("r.id > :afterId", { afterId })
    .andWhere(isTheirs)
    .orderBy("r.id")
    .take(limit)
    .getMany();
  return rows.map(({ id }) => id);
}

function nextOf(ids: readonly string[], { limit }: RecordPage): string | null {
  return ids.length < limit ? null : (ids.at(-1) ?? null);
}
