import {
  archivedHashes,
  cardsOf,
  cardWith,
  CHAT,
  countRows,
  settle,
  storedHashes,
  twoTeams,
  VIOLATION,
} from "../support/main-job-world.ts";
import { openLossyLine } from "../support/lossy-line.ts";
import type { LossyLine, Loss } from "../support/lossy-line.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";
import { forEachDatabase } from "../support/test-database.ts";

/** More calls than a breach can take; a product that never comes to an end must fail the test. */
const MOST_CALLS = 40;

/** The main job with its n-th call to WeCom lost, for n = 1, 2, 3 … until a run goes through without a loss. */
forEachDatabase("whichever call to WeCom is lost", (open) => {
  let company: RunningCompany;
  let line: LossyLine;

  beforeAll(async () => {
    line = await openLossyLine();
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
      settings(twin) {
        line.leadTo(twin.url);
        return { WECOM_API_URL: line.url };
      },
    });
    await settle(company);
  });
  afterAll(async () => {
    await company.close();
    await line.close();
  });

  it.each<Loss>(["call", "answer"])(
    "its %s, a breach is one case and one card, and every message is there",
    async (loss) => {
      const { twin } = company;
      for (let n = 1; ; n += 1) {
        expect(n).toBeLessThan(MOST_CALLS);
        // Fetching a token is a call as well.
        twin.setFaults({ expireTokens: true });
        twin.setFaults({ expireTokens: false });
        line.lose(n, loss);
        const quote = `${VIOLATION}，${loss}${n}`;
        twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: quote });
        await cardWith(twin, "zhangwei", quote);
        await settle(company);
        const wasLost = line.hasLost();
        line.lose(0, loss);
        const cards = cardsOf(twin, "zhangwei");
        const cases = await countRows(company, "supervision_case");
        expect({ n, cards: cards.length }).toEqual({ n, cards: cases });
        expect(cards.filter(({ body }) => JSON.stringify(body).includes(quote))).toHaveLength(1);
        expect(await countRows(company, "hit")).toBe(2 * cases);
        expect(await storedHashes(company)).toEqual(archivedHashes(twin));
        if (!wasLost) return;
      }
    },
    180_000,
  );
});
