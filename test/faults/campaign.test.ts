import { describeMissing, sources } from "./conditions.ts";
import { runCampaign } from "./campaign.ts";
import { hasMariadb } from "./private-mariadb.ts";

/** A short campaign of a fixed seed; `npm run test:faults` plays long ones. */

const SEED = 20_261_123;
const TROUBLE_MS = 14_000;
const ROUNDS = 2;

describe.each(["sqlite", "mariadb"] as const)(
  "the product at work while everything fails [%s]",
  (kind) => {
    const isPossible = kind === "sqlite" || hasMariadb;
    const name = isPossible ? "loses nothing and does nothing twice" : "is left out: no mariadbd";
    (isPossible ? it : it.skip)(
      name,
      async () => {
        const timeline: string[] = [];
        const rounds = await runCampaign({
          kind,
          seed: SEED,
          goesOn: (round) => round < ROUNDS,
          troubleMs: TROUBLE_MS,
          sources,
          say: (line) => timeline.push(line),
        });
        const problems = rounds.flatMap(({ verdicts }) => verdicts.flatMap((one) => one.problems));
        // The timeline is what somebody needs who has to find out why.
        if (problems.length > 0) throw new Error(timeline.join("\n"));
        expect(rounds).toHaveLength(ROUNDS);
      },
      400_000,
    );
  },
);

for (const what of describeMissing()) {
  it.skip(`a part of the campaign: ${what}`, () => undefined);
}
