import { CHAT, countRows, settle, twoTeams } from "../../support/main-job-world.ts";
import { eventually } from "../../support/eventually.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";

forEachDatabase("a product that starts while its database fails", (open) => {
  let company: RunningCompany;
  let log = "";

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      settings: { LOG_LEVEL: "error" },
      logDestination: { write: (line) => void (log += line) },
    });
  });
  afterAll(() => company.close());

  it("works once the database does", async () => {
    const rename = (from: string, to: string) =>
      company.product.database.write((tx) => tx.query(`ALTER TABLE ${from} RENAME TO ${to}`));
    await settle(company);
    const before = await countRows(company, "message");
    await rename("job", "job_away");
    const late = await company.startAnother();
    await eventually(
      () => log,
      (text) => text.includes("start failed"),
    );
    company.twin.setApp(late.appUrl);
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: "迟到" });
    await company.product.jobs.stop();
    await rename("job_away", "job");
    await eventually(
      () => countRows(company, "message"),
      (count) => count > before,
    );
  });
});
