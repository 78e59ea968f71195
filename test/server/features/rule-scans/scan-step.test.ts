import { entities } from "../../../../server/src/entities.ts";
import { ruleScanRecords } from "../../../../server/src/features/rule-scans/expiry.ts";
import { createScanStep } from "../../../../server/src/features/rule-scans/rule-scan-step.ts";
import { RuleScanRow } from "../../../../server/src/features/rule-scans/rule-scan.entity.ts";
import { emptyTally } from "../../../../server/src/features/rule-scans/tally.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";

forEachDatabase("a stretch of a scan", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(() => emptyTables(database));

  it("leaves out whom a destruction took out while it was under way", async () => {
    const person = { personId: "lizhi", conversations: [], instead: "" };
    const id = "scan";
    await database.write((tx) =>
      tx.insert("rule_scan", {
        ...{ id, kind: "look_back", slot: "s", state: "running", problem: null, hash: "h" },
        ...{ base: 1, fromMs: 0, toMs: 1, lastSeq: 1, total: 9, seen: 4, step: 3, attempts: 0 },
        ...{ place: null, requestedBy: "zhoumin", startedAtMs: 0, endedAtMs: null },
        tally: {
          ...emptyTally(),
          people: { lizhi: [4, 0, 0], chenli: [1, 0, 0] },
          alerts: { lizhi: { 1: [0, 1] } },
        },
      }),
    );
    const step = createScanStep({
      database,
      clock: { now: () => 5 },
      access: {
        membersWithin: () => Promise.resolve(["chenli"]),
        standingOf: () => Promise.resolve({ permissions: new Set(["rule.write"]) } as never),
      },
      scanRules: { of: () => Promise.resolve({ id: "rules", lists: [] }) },
      history: {
        async step() {
          const page = { afterId: "", limit: 10 };
          await database.write((tx) => ruleScanRecords.removePerson(tx, person, page));
          const next = { conversationId: "s:chenli:wmA", message: null };
          return { scanned: 2, erased: 0, failed: 0, found: [], next };
        },
      },
      lookBackHits: {
        store: () =>
          Promise.resolve([{ isNew: true, ruleId: "r", memberId: "chenli", sentAtMs: 0 }]),
      },
      managersOf: () => Promise.resolve([]),
      enqueueStep: () => Promise.resolve(),
    });
    await database.write((await step({ id, step: 3 }))!);
    const { tally, seen } = await database.read.findOneByOrFail(RuleScanRow, { id });
    expect(seen).toBe(6);
    expect(tally.people).toEqual({ "": [4, 0, 0], chenli: [2, 0, 0] });
    expect(tally.alerts).toEqual({});
  });
});
