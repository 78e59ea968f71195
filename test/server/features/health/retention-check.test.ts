import type { RunView } from "#shared/contract/retention";
import { retentionCheck } from "../../../../server/src/features/health/retention-check.ts";

const HOUR_MS = 3600_000;
const nowMs = Date.parse("2026-11-23T10:00:00+08:00");
const result = { title: "", held: 0, fromDay: null, toDay: null };
const run = (change: Partial<RunView>): RunView => ({
  id: "1",
  startedAtMs: nowMs - 8 * HOUR_MS,
  finishedAtMs: nowMs - 7 * HOUR_MS,
  state: "done",
  policyVersion: 1,
  keysDestroyed: 2,
  results: [
    { ...result, id: "single", destroyed: 40 },
    { ...result, id: "case", destroyed: 3 },
  ],
  ...change,
});

it.each<[string, RunView | null, string, RegExp]>([
  ["has not run yet", null, "ok", /还没有运行过/],
  ["went well", run({}), "ok", /销毁 40 条/],
  ["found nothing", run({ results: [] }), "ok", /没有到期的/],
  ["did not get through", run({ state: "out_of_time" }), "attention", /今晚会继续|40/],
  [
    "has not run for days",
    run({ startedAtMs: nowMs - 60 * HOUR_MS }),
    "attention",
    /60 小时|2 天|3 天/,
  ],
])("the line says that the destruction %s", async (_, last, status, detail) => {
  const check = retentionCheck({ findLast: () => Promise.resolve(last) });
  const finding = await check.look(nowMs);
  expect(finding.status).toBe(status);
  expect(finding.detail).toMatch(detail);
  expect(finding.remedy === null).toBe(status === "ok");
});
