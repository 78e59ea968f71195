import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OwnReadings } from "#shared/contract/reading";
import type { EvidenceList, EvidenceView } from "#shared/contract/evidence";
import { withAttachments } from "../../simulator/company/attachments.ts";
import { CHAT, settle, twoTeams, VIOLATION } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import {
  appoint,
  CONVERSATION,
  makePackage,
  unzip,
  verifierNames,
  verify,
  WISH,
} from "./evidence-world.ts";
import type { EvidencePeople } from "./evidence-world.ts";

forEachDatabase("a package of evidence", (open) => {
  let company: RunningCompany;
  let people: EvidencePeople;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "evidence-"));
    company = await startCompany({
      company: withAttachments(twoTeams()),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: VIOLATION });
    company.twin.sendMessage({
      conversationId: CHAT,
      fromId: "chenli",
      text: '<img src=x onerror="alert(1)"> \u202Eabc ＝1',
    });
    // Delivered late: it was sent two days ago.
    const late = {
      msgtype: "text",
      text: { content: "前天说的" },
      msgtime: Date.now() - 2 * 86_400_000,
    };
    company.twin.sendMessage({
      conversationId: CHAT,
      fromId: "chenli",
      text: "",
      content: { kind: "raw", text: "", extra: late },
    });
    await settle(company);
    people = await appoint(company);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await company.close();
  });

  const entries = (kind: string) =>
    company.product.database.read.query<{ actor_id: string; object_id: string; details: string }[]>(
      "SELECT actor_id, object_id, details FROM ledger_entry WHERE kind = ? ORDER BY position",
      [kind],
    );

  it("is asked for, approved by another, built, downloaded once more on record, and verifies", async () => {
    const manager = await signIn(company.twin, "zhangwei");
    const purpose = "核对承诺的前后文";
    await manager.post("/api/manager/readings", { conversationId: CONVERSATION, purpose });
    await company.product.jobs.idle();

    const { view, zip } = await makePackage(people);
    expect(view).toMatchObject({ state: "ready", progress: 100, mayDownload: true });
    const path = join(folder, "whole.zip");
    writeFileSync(path, zip);
    const { body } = await people.legal.get<EvidenceList>("/api/evidence");
    for (const name of verifierNames) {
      const [verdict] = await verify(name, [path], body.keyFingerprint);
      expect(verdict).toEqual({
        passed: true,
        lines: expect.arrayContaining([expect.stringContaining(body.keyFingerprint)]),
      });
      const [strange] = await verify(name, [path], "0".repeat(64));
      expect(strange!.passed).toBe(false);
    }

    const files = unzip(zip);
    expect([...files.keys()].filter((name) => name.startsWith("media/")).length).toBeGreaterThan(0);
    expect(files.get("custody.jsonl")!.toString()).toContain(purpose);
    expect(files.get("custody.jsonl")!.toString()).toContain("hit.found");
    const report = files.get("report.html")!.toString();
    expect(report).toContain("保本保息");
    expect(report).toContain("&lt;img src=x");
    expect(report).not.toMatch(/<img|<script|\u202E/);

    expect(await entries("evidence.built")).toEqual([
      expect.objectContaining({
        object_id: view.id,
        details: expect.stringContaining(view.sha256!),
      }),
    ]);
    expect(await entries("evidence.downloaded")).toEqual([
      expect.objectContaining({ actor_id: "xujie", object_id: view.id }),
    ]);
    expect(JSON.stringify(company.twin.phone("xujie"))).toContain("证据包已生成");
    const sales = await signIn(company.twin, "chenli");
    const own = (await sales.get<OwnReadings>("/api/session/readings")).body.readings;
    expect(own).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "evidence", conversation: expect.any(Object) as object }),
      ]),
    );
  });

  it("shows places and times, but no words, of the neighbours of a range", async () => {
    const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
    const { zip } = await makePackage(people, { fromDay: today, toDay: today });
    const path = join(folder, "today.zip");
    writeFileSync(path, zip);
    for (const name of verifierNames) expect((await verify(name, [path]))[0]!.passed).toBe(true);
    const outlines = unzip(zip)
      .get("messages.jsonl")!
      .toString()
      .split("\n")
      .filter((line) => line.includes("outlineSalt"));
    expect(outlines).toHaveLength(1);
    expect(Object.keys(JSON.parse(outlines[0]!) as object).sort()).toEqual([
      "contentHash",
      "ordinal",
      "outlineSalt",
      "position",
      "proof",
      "sentAtMs",
    ]);
  });

  it("is refused, with the place, when a message in the database is not what was recorded", async () => {
    const { database } = company.product;
    await database.write((tx) =>
      tx.query("UPDATE message SET sent_at_ms = sent_at_ms + 1 WHERE conversation_id = ?", [
        CONVERSATION,
      ]),
    );
    await expect(makePackage(people)).rejects.toThrow('"problem":"mismatch"');
    await database.write((tx) =>
      tx.query("UPDATE message SET sent_at_ms = sent_at_ms - 1 WHERE conversation_id = ?", [
        CONVERSATION,
      ]),
    );
  });

  it("is not for everybody", async () => {
    const sales = await signIn(company.twin, "chenli");
    expect((await sales.get("/api/evidence")).status).toBe(403);
    expect((await sales.post("/api/evidence", WISH)).status).toBe(403);
    const { body } = await people.legal.get<EvidenceList>("/api/evidence");
    const ready = body.packages.find(({ state }) => state === "ready")!;
    // Who approves sees it, and gets no content.
    const seen = await people.officer.get<EvidenceView>(`/api/evidence/${ready.id}`);
    expect(seen.body).toMatchObject({ id: ready.id, mayDownload: false });
    expect((await people.officer.fetch(`/api/evidence/${ready.id}/package`)).status).toBe(403);
  });

  it.each([
    [{ conversationId: "s:nobody:wmX" }, 404],
    [{ fromDay: "2021-01-01", toDay: "2020-01-01" }, 400],
    [{ fromDay: "2001-01-01", toDay: "2001-01-02" }, 400],
    [{ purpose: "看" }, 400],
  ])("refuses %j", async (wish, status) => {
    const answer = await people.legal.post("/api/evidence", { ...WISH, ...wish });
    expect(answer.status).toBe(status);
  });
});
