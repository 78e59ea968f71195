import { In, IsNull, Not } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { AccessReviewItem, reasonPlace } from "./access-review.entity.ts";

/** What reviewers wrote, by item. */
export async function reasonsOfReviews(
  { database, vault }: { database: Database; vault: Vault },
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await database.read.findBy(AccessReviewItem, {
    id: In([...ids]),
    reason: Not(IsNull()),
  });
  const reasons = rows.map(async ({ id, reason }): Promise<[string, string]> => [
    id,
    reason ? await vault.openText(reasonPlace(id), reason) : "",
  ]);
  return new Map(await Promise.all(reasons));
}
