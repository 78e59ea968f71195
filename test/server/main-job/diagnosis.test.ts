import type { HealthView } from "#shared/contract/health";
import type { ReconciliationView, RepullList, RepullView } from "#shared/contract/reconciliation";
import { eventually } from "../../support/eventually.ts";
import { CHAT, healthLine, settle, twoTeams } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

const PULL = "/message/getchatdata";

forEachDatabase("the console explains", (open) => {
  let company: RunningCompany;
  let admin: WebClient;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    await settle(company);
    admin = await signIn(company.twin, "liuyang");
  });
  afterAll(() => company.close());

  /** Pulls now; the clock would do it within 15 s. */
  async function pull(): Promise<void> {
    const { database, jobs } = company.product;
    await database.write((tx) => jobs.enqueue(tx, "archive.pull", {}));
    await jobs.idle();
  }

  const line = (id: string): Promise<HealthView["lines"][number]> => healthLine(admin, id);
  const books = async (): Promise<ReconciliationView> =>
    (await admin.get<ReconciliationView>("/api/admin/archive/reconciliation")).body;
  const sayHello = (text: string): void => {
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
  };

  it("nothing while all is well", async () => {
    const { body } = await admin.get<HealthView>("/api/admin/health");
    expect(body.lines.filter(({ id }) => id !== "disk" && id !== "callbacks")).toEqual(
      body.lines
        .filter(({ id }) => id !== "disk" && id !== "callbacks")
        .map((one) => ({ ...one, status: "ok", remedy: null })),
    );
    expect((await line("archive-seats")).detail).toMatch(/^7 名成员/);
    expect((await line("clock")).detail).toBe("和企业微信一致。");
    const { days, oldestProblem, cursor } = await books();
    expect(oldestProblem).toBeNull();
    expect(days.map(({ holds }) => holds)).toEqual([true]);
    expect(cursor.seq).toBe(company.twin.archiveState().lastSeq);
  });

  it.each<[string, number, RegExp]>([
    ["an address that the archive does not trust", 301042, /会话存档.*可信 IP：.*127\.0\.0\.1。$/],
    ["an address that nobody trusts", 60020, /可信 IP：.*127\.0\.0\.1。$/],
    ["the app's secret instead of the archive's", 48002, /会话存档的 Secret.*WECOM_ARCHIVE_SECRET/],
    ["a licence that has ended", 301052, /续费/],
    ["an archive that was never opened", 301053, /开启/],
    ["too many calls", 45009, /限流/],
  ])("%s", async (_what, errcode, remedy) => {
    // Until it is taken back: the clock may pull between the failure and the look.
    company.twin.failNext(PULL, errcode, Infinity);
    const pullAndLook = async () => {
      await pull();
      return await line("archive");
    };
    const failed = await eventually(pullAndLook, ({ status }) => status !== "ok");
    expect(failed).toMatchObject({
      status: "attention",
      detail: expect.stringContaining(String(errcode)),
      remedy: expect.stringMatching(remedy),
    });
    company.twin.failNext(PULL, errcode, 0);
    const healed = await eventually(pullAndLook, ({ status }) => status === "ok");
    expect(healed).toMatchObject({ remedy: null });
  });

  it("a key version without its private key: which, how many, until when", async () => {
    const version = company.twin.rotateArchiveKey({ deliver: false });
    sayHello("第一句");
    sayHello("第二句");
    await settle(company);
    expect(await line("undecodable")).toMatchObject({
      status: "attention",
      detail: `缺少第 ${version} 版私钥，2 条在等。原文都已保留，最早的一条在 5 天内还能向企业微信重新拉取。`,
      remedy: expect.stringContaining(`${version}.pem`),
    });
    const waiting = await books();
    expect(waiting.oldestProblem).toMatchObject({ kind: "undecodable", count: 2 });
    expect(waiting.days[0]).toMatchObject({ undecodable: 2, holds: true });

    company.twin.deliverArchiveKeys();
    await eventually(
      async () => {
        await pull();
        return await books();
      },
      ({ oldestProblem }) => oldestProblem === null,
      20_000,
    );
    expect((await books()).days[0]).toMatchObject({ undecodable: 0, holds: true });
    expect(await line("undecodable")).toMatchObject({ status: "ok" });
    expect(await line("books")).toMatchObject({ status: "ok" });
  });

  it("what was lost, and brings it back when its range is pulled again", async () => {
    const before = await books();
    const { database, jobs } = company.product;
    const [{ seq } = { seq: 0 }] = await database.read.query<{ seq: string | number }[]>(
      "SELECT seq FROM message ORDER BY seq LIMIT 1",
    );
    await database.write((tx) => tx.query("DELETE FROM message WHERE seq = ?", [seq]));
    expect(await line("books")).toMatchObject({ status: "broken" });
    const toSeq = before.cursor.seq;
    const asked = await admin.post<RepullView>("/api/admin/archive/repulls", { fromSeq: 1, toSeq });
    expect(asked.status).toBe(201);
    const done = await eventually(
      async () => {
        await jobs.idle();
        const { body } = await admin.get<RepullList>("/api/admin/archive/repulls");
        return body.repulls.find(({ id }) => id === asked.body.id);
      },
      (row) => row?.state === "done",
      20_000,
    );
    expect(done).toMatchObject({ stored: 1, undecodable: 0, trouble: null });
    expect(await line("books")).toMatchObject({ status: "ok" });
    const after = await books();
    expect(after.days.every(({ holds }) => holds)).toBe(true);
    expect(after.cursor.seq).toBe(toSeq);
  });
});
