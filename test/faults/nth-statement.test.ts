import { entities } from "../../server/src/entities.ts";
import type { DecryptPool } from "../../server/src/features/archive/decrypt-pool.ts";
import { createTestKeys, openTestPool } from "../server/features/archive/archive-world.ts";
import { failStatement } from "../support/fail-statement.ts";
import { emptyTables, forEachDatabase } from "../support/test-database.ts";
import { createScenario, letTimePass } from "./nth-scenario.ts";

const keys = createTestKeys(1);
let pool: DecryptPool;

beforeAll(() => {
  keys.deliver(1);
  pool = openTestPool(keys);
});
afterAll(async () => {
  await pool.close();
  keys.remove();
});

/** More statements than the scenario has. */
const MOST = 400;

forEachDatabase("whichever statement fails", (open) => {
  it("callbacks and messages are there once, with their effects, after a second try", async () => {
    const database = await open(entities);
    for (let n = 1; ; n += 1) {
      expect(n).toBeLessThan(MOST);
      await emptyTables(database);
      const scenario = createScenario(keys, pool);
      const failing = failStatement(database, n);
      await scenario.play(failing.database);
      await letTimePass(database);
      await scenario.play(database);
      expect({ n, problems: await scenario.check(database) }).toEqual({ n, problems: [] });
      if (!failing.hasFailed()) return;
    }
  });
});
