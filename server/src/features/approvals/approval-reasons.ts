import { In } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { Approval } from "./approval.entity.ts";

/** Why each of these was asked for. */
export async function reasonsOfApprovals(
  { database, vault }: { database: Database; vault: Vault },
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await database.read.findBy(Approval, { id: In([...ids]) });
  const reasons = rows.map(async ({ id, reason }): Promise<[string, string]> => [
    id,
    await vault.openText({ table: "approval", column: "reason", rowId: id }, reason),
  ]);
  return new Map(await Promise.all(reasons));
}
