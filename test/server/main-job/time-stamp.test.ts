import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHAT, healthLine, settle, twoTeams, VIOLATION } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { describeWithTsa, startTsa } from "../../support/tsa.ts";
import type { TestTsa } from "../../support/tsa.ts";
import { signIn } from "../../support/web-client.ts";
import { appoint, makePackage, unzip, verifierNames, verify } from "./evidence-world.ts";

describeWithTsa("time stamps", () => {
  forEachDatabase("of the ledger's heads", (open) => {
    let company: RunningCompany;
    let tsa: TestTsa;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "stamps-"));
      tsa = await startTsa();
      company = await startCompany({
        company: twoTeams(),
        databaseUrl: open.url(),
        notifyIntervalMs: 20,
        settings: { TSA_URL: tsa.url, TSA_CA_FILE: tsa.caFile },
      });
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: VIOLATION });
      await settle(company);
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true, force: true });
      await company.close();
      await tsa.close();
    });

    async function run(kind: string): Promise<void> {
      const { database, jobs } = company.product;
      await database.write((tx) => jobs.enqueue(tx, kind, {}));
      await jobs.idle();
    }
    const stamped = () =>
      company.product.database.read.query<{ size: string | number; answer: Buffer | null }[]>(
        "SELECT size, answer FROM ledger_stamp ORDER BY size",
      );
    const line = async () => healthLine(await signIn(company.twin, "liuyang"), "time_stamp");

    it("wait while the authority is down, and are fetched when it is back", async () => {
      expect(await line()).toMatchObject({ status: "ok", detail: expect.stringContaining("9 点") });
      tsa.lie = (_query, response) => response.destroy();
      await run("ledger.publish");
      expect(await stamped()).toMatchObject([{ answer: null }]);
      expect(await line()).toMatchObject({
        status: "attention",
        detail: expect.stringContaining("连不上时间戳机构"),
      });
      expect(await company.product.jobs.listDead()).toEqual([]);
      await company.product.database.write((tx) =>
        tx.query(
          "UPDATE ledger_checkpoint SET published_at_ms = published_at_ms - 90000000 WHERE published_at_ms IS NOT NULL",
        ),
      );
      expect(await line()).toMatchObject({ status: "broken" });
      tsa.lie = null;
      await run("ledger.stamp");
      expect(await line()).toMatchObject({
        status: "ok",
        detail: expect.stringContaining("Test TSA tsa"),
      });
    });

    it("are asked for once, and stand on record", async () => {
      const before = tsa.asked;
      await Promise.all([run("ledger.stamp"), run("ledger.stamp")]);
      expect(tsa.asked).toBe(before);
      const entries = await company.product.database.read.query<unknown[]>(
        "SELECT 1 FROM ledger_entry WHERE kind = 'ledger.stamped'",
      );
      expect(entries).toHaveLength(1);
    });

    it("go into the package of evidence, where openssl and both verifiers look at them", async () => {
      const { zip } = await makePackage(await appoint(company));
      const files = unzip(zip);
      const stamp = files.get("stamp.tsr");
      expect(stamp).toEqual((await stamped())[0]!.answer);
      const { published } = JSON.parse(files.get("consistency.json")!.toString()) as {
        published: { note: string };
      };
      expect(tsa.verify(stamp!, published.note)).toBe(true);
      const whole = join(folder, "whole.zip");
      writeFileSync(whole, zip);
      for (const name of verifierNames) {
        const [verdict] = await verify(name, [whole]);
        expect(verdict!.passed).toBe(true);
        expect(verdict!.lines.join("\n")).toContain("该校验值有可信时间戳");
      }
    });

    it("do not pass for a stamp of something else", async () => {
      await company.product.database.write((tx) =>
        tx.query("UPDATE ledger_stamp SET answer = ?", [
          tsa.answer(tsa.question(Buffer.alloc(32, 7))),
        ]),
      );
      const { zip } = await makePackage({
        legal: await signIn(company.twin, "xujie"),
        officer: await signIn(company.twin, "linxiaoyan"),
      });
      const path = join(folder, "other.zip");
      writeFileSync(path, zip);
      for (const name of verifierNames) {
        const [verdict] = await verify(name, [path]);
        expect(verdict).toMatchObject({ passed: false });
        expect(verdict!.lines.join("\n")).toContain("时间戳不是给公布过的校验值的");
      }
    });
  });
});
