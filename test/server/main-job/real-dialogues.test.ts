import type { CaseView } from "#shared/contract/case";
import { companyWithDialogues, loadDialogues } from "../../simulator/company/dialogues.ts";
import type { Dialogue } from "../../simulator/company/dialogues.ts";
import { generateCompany } from "../../simulator/company/company.ts";
import type { Company } from "../../simulator/company/model.ts";
import {
  archivedHashes,
  casesOf,
  countRows,
  settle,
  storedHashes,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";

const folder = process.env["REAL_DIALOGUES"];
/** In one of the dialogues, by its salesperson. */
const PLANTED_IN = 123;
const MOST_HITS_PER_THOUSAND = 4;
/** Sealing and opening some thousand messages. */
const TIME_MS = 120_000;

if (folder === undefined || folder === "") {
  describe.skip("real dialogues [REAL_DIALOGUES is not set]", () => {
    it("are left out", () => undefined);
  });
} else {
  const dialogues = plant(loadDialogues(folder));

  forEachDatabase("real dialogues", (open) => {
    let company: RunningCompany;
    let model: Company;

    beforeAll(async () => {
      model = inhabit(dialogues);
      company = await startCompany({ company: model, databaseUrl: open.url() });
      await settle(company);
    }, TIME_MS);
    afterAll(() => company.close());

    it("are stored whole, each message once, word for word", async () => {
      const said = dialogues.reduce((sum, { turns }) => sum + turns.length, 0);
      const archived = archivedHashes(company.twin);
      expect(archived.size).toBe(said);
      const stored = await storedHashes(company);
      expect(stored.size).toBe(said);
      expect(stored).toEqual(archived);
      expect(await countRows(company, "undecodable")).toBe(0);
    });

    it("raise few false alarms", async () => {
      // The planted sentence breaks two rules.
      const falseAlarms = (await countRows(company, "hit")) - 2;
      expect(falseAlarms).toBeGreaterThanOrEqual(0);
      const messages = await countRows(company, "message");
      expect((1000 * falseAlarms) / messages).toBeLessThanOrEqual(MOST_HITS_PER_THOUSAND);
    });

    it("give up the one violation among them to the right manager", async () => {
      const guilty = model.conversations[PLANTED_IN]!.memberId;
      const [managerId] = model.members.find(({ id }) => id === guilty)!.directLeaderIds;
      const manager = await signIn(company.twin, managerId!);
      const isPlanted = ({ quote }: CaseView): boolean => quote.includes(VIOLATION);
      expect((await casesOf(manager)).filter(isPlanted)).toMatchObject([
        { memberId: guilty, speaker: "member", level: "forbidden", state: "open" },
      ]);
    });
  });
}

function plant(found: readonly Dialogue[]): Dialogue[] {
  return found.map((dialogue, index) =>
    index === PLANTED_IN
      ? { ...dialogue, turns: [...dialogue.turns, { role: "sys", text: VIOLATION }] }
      : dialogue,
  );
}

/** The demo company without its own talk; nobody refuses the archive. */
function inhabit(found: readonly Dialogue[]): Company {
  const company = generateCompany(7);
  const customers = company.customers.map((one) => ({ ...one, consent: "Agree" as const }));
  return companyWithDialogues({ ...company, customers, rooms: [], conversations: [] }, found);
}
