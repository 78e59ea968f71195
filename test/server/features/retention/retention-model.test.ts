import fc from "fast-check";
import type { RetentionDays } from "#shared/contract/retention";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { createTestKeys, createTestSource, openTestPool } from "../archive/archive-world.ts";
import { expectBalanced } from "../archive/books.ts";
import {
  addCase,
  arrive,
  DAY_MS,
  entities,
  openRetentionWorld,
  placeHold,
  seqsIn,
  setDays,
  START_MS,
} from "./retention-world.ts";

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

const members = ["chenli", "wuhao", "xujie"];
const customers = ["wmA", "wmB"];

interface Said {
  daysAgo: number;
  /** Who speaks, to whom; or in which room. */
  parties: { from: string; to?: string; room?: string };
  /** Null when nothing was found in it. */
  caseState: "open" | "handled" | "false_alarm" | null;
}

const parties = fc.oneof(
  fc.record({ from: fc.constantFrom(...members), to: fc.constantFrom(...customers) }),
  fc.record({ from: fc.constantFrom(...customers), to: fc.constantFrom(...members) }),
  fc.record({
    from: fc.constantFrom(...members, ...customers),
    room: fc.constantFrom("wrG", "wrH"),
  }),
  fc.constant({ from: "chenli", to: "wuhao" }),
  fc.constant({ from: "xujie", to: "chenli" }),
);
const said: fc.Arbitrary<Said> = fc.record({
  daysAgo: fc.constantFrom(1, 29, 30, 31, 36, 40, 60, 61, 66, 100, 101, 366, 372, 380),
  parties,
  caseState: fc.option(fc.constantFrom("open", "handled", "false_alarm"), { freq: 3 }),
});
const days = fc.record({
  single: fc.constantFrom(30, 60, 100),
  group: fc.constantFrom(30, 60, 100),
  internal: fc.constantFrom(30, 60),
  case: fc.constantFrom(365, 730),
});
const hold = fc.oneof(
  fc.record({ kind: fc.constant("person"), of: fc.constantFrom(...members, ...customers) }),
  fc.record({ kind: fc.constantFrom("conversation", "case"), of: fc.nat(99) }),
);

/** As a person would say it: what is kept of what was said, message by message. */
function keeps(all: readonly Said[], policy: RetentionDays, isHeld: (one: Said) => boolean) {
  const kindOf = ({ parties: { from, to, room } }: Said) =>
    room ? "group" : [from, to].some((id) => id?.startsWith("wm")) ? "single" : "internal";
  const needsAround = ({ caseState, daysAgo }: Said): boolean =>
    caseState === "open" || (caseState === "handled" && daysAgo <= policy.case);
  return (one: Said): boolean =>
    one.daysAgo <= policy[kindOf(one)] ||
    isHeld(one) ||
    all.some(
      (other) =>
        needsAround(other) &&
        nameOf(other) === nameOf(one) &&
        Math.abs(other.daysAgo - one.daysAgo) <= 7,
    );
}

/** Written down anew, not by the product's own code. */
function nameOf({ parties: { from, to, room } }: Said): string {
  if (room !== undefined) return `g:${room}`;
  const people = [from, to ?? ""];
  const customer = people.find((id) => id.startsWith("wm"));
  const member = people.find((id) => !id.startsWith("wm"));
  return customer ? `s:${member}:${customer}` : `i:${people.sort().join(":")}`;
}

forEachDatabase("what is kept", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open(entities);
  });

  it("is exactly what a naive model keeps, whatever was said, decided and held", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(said, { minLength: 1, maxLength: 12 }),
        days,
        fc.array(hold, { maxLength: 2 }),
        fc.integer({ min: 1, max: 7 }),
        async (messages, policy, holds, stepSize) => {
          await emptyTables(database);
          const source = createTestSource(keys);
          const time = { nowMs: START_MS };
          const world = openRetentionWorld({ database, source, pool, time, stepSize });
          const all = [...messages].sort((left, right) => right.daysAgo - left.daysAgo);
          const seqs = new Map<Said, number>();
          const caseIds = new Map<Said, string>();
          for (const one of all) {
            const [seq = 0] = await arrive(world, source, one.daysAgo, [one.parties]);
            seqs.set(one, seq);
            if (one.caseState) caseIds.set(one, await addCase(database, seq, one.caseState));
          }
          await setDays(world, policy);
          const heldNames = new Set<string>();
          const heldPeople = new Set<string>();
          for (const { kind, of } of holds) {
            if (typeof of === "string") {
              const isKnown = of === "chenli" || all.some((one) => takesPart(one, of));
              // The world's directory knows 陈丽; others are known once they have taken part.
              if (!isKnown) continue;
              const isPlaced = await placeHold(world, "person", of).then(
                () => true,
                () => false,
              );
              if (isPlaced) heldPeople.add(of);
            } else if (kind === "conversation") {
              const name = nameOf(all[of % all.length]!);
              await placeHold(world, "conversation", name);
              heldNames.add(name);
            } else {
              const [one, id] = [...caseIds][of % Math.max(1, caseIds.size)] ?? [];
              if (!one || id === undefined) continue;
              await placeHold(world, "case", id);
              heldNames.add(nameOf(one));
            }
          }
          const isHeld = (one: Said): boolean =>
            heldNames.has(nameOf(one)) ||
            [...heldPeople].some((person) =>
              all.some((other) => nameOf(other) === nameOf(one) && takesPart(other, person)),
            );
          const expected = all.filter(
            keeps(all, { ...policy, undecodable: 30, reading: 183, rule_scan: 30 }, isHeld),
          );
          expect(await world.retention.expiry.run()).toBe("done");
          const kept = expected.map((one) => seqs.get(one)!).sort((a, b) => a - b);
          expect(await seqsIn(database, "message")).toEqual(kept);
          expect(await seqsIn(database, "hit")).toEqual(kept);
          const keptCases = expected.filter((one) => one.caseState).map((one) => seqs.get(one)!);
          expect(await seqsIn(database, "supervision_case")).toEqual(
            keptCases.sort((a, b) => a - b),
          );
          await expectBalanced(database);
          time.nowMs += DAY_MS / 24;
        },
      ),
      { numRuns: 25, seed: 20261123 },
    );
  });
});

function takesPart({ parties: { from, to } }: Said, person: string): boolean {
  return from === person || to === person;
}
