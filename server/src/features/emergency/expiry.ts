import { In, LessThan, MoreThan } from "typeorm";
import type { EntityManager, FindOptionsWhere } from "typeorm";
import type { Vault } from "../../platform/vault/vault.ts";
import type { RecordKeeper, RecordPage } from "../retention/record-keeper.ts";
import { Emergency, EMERGENCY_SUBJECT, emergencyPlace } from "./emergency.entity.ts";

/** Who read in an emergency and what another person thought of it. What nobody has reviewed yet is not over. */
export function emergencyRecords(vault: Pick<Vault, "sealerFor">): RecordKeeper {
  return {
    classId: "reading",

    async listOver(manager, { untilMs, ...page }) {
      const rows = await list(manager, page, { requestedAtMs: LessThan(untilMs) });
      return rows.map(({ id, requestedAtMs, requestedBy, memberIds }) => ({
        id,
        atMs: requestedAtMs,
        personIds: [requestedBy, ...memberIds],
        conversationIds: [],
      }));
    },

    async destroy(tx, ids) {
      await tx.delete(Emergency, { id: In([...ids]) });
    },

    async removePerson(tx, { personId, instead }, page) {
      const rows = await list(tx, page, {});
      const sealer = await vault.sealerFor(tx, [EMERGENCY_SUBJECT]);
      for (const { id, note } of rows.filter(({ memberIds }) => memberIds.includes(personId))) {
        const seal = (column: "reason" | "note"): Buffer =>
          sealer.seal(EMERGENCY_SUBJECT, emergencyPlace(id, column), instead);
        await tx.update(Emergency, { id }, { reason: seal("reason"), note: note && seal("note") });
      }
      return rows.length < page.limit ? null : (rows.at(-1)?.id ?? null);
    },
  };
}

/** Those that are over, by id. */
function list(
  manager: EntityManager,
  { afterId, limit }: RecordPage,
  more: FindOptionsWhere<Emergency>,
): Promise<Emergency[]> {
  const own = { id: MoreThan(afterId), ...more };
  return manager.find(Emergency, {
    where: [
      { ...own, state: "refused" },
      { ...own, state: "ended", verdict: In(["justified", "unjustified"]) },
    ],
    order: { id: "ASC" },
    take: limit,
  });
}
