import type { Rules } from "../../server/src/features/rules/rules.service.ts";
import type { Database } from "../../server/src/platform/database/database.ts";

/** Puts the working draft in force, as if a second person had agreed. */
export async function publishRules(database: Database, rules: Rules): Promise<void> {
  await database.write(async (tx) => {
    const set = await rules.drafts.freeze(tx);
    await rules.versions.publish(tx, set, {
      kind: "published",
      requestedBy: "liuyang",
      publishedBy: "zhoumin",
    });
  });
}
