import type { WarningView } from "#shared/contract/sidebar";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import {
  archivedHashes,
  cardsOf,
  casesOf,
  CHAT,
  countRows,
  settle,
  storedHashes,
  twoTeams,
  VIOLATION,
  watchCodes,
} from "../../support/main-job-world.ts";
import { eventually } from "../../support/eventually.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany, RunningProduct } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";

const ROUNDS = 12;

forEachDatabase("two products on one database", (open) => {
  let company: RunningCompany;
  let second: RunningProduct;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    second = await company.startAnother();
    await settle(company);
  });
  afterAll(() => company.close());

  const idle = async () => {
    await settle(company);
    await second.product.jobs.idle();
    await company.product.jobs.idle();
  };

  it("store each message once and push each card once", async () => {
    const { twin } = company;
    for (let round = 1; round <= ROUNDS; round += 1) {
      // A load balancer: callbacks reach now the one and now the other.
      twin.setApp(round % 2 === 0 ? company.appUrl : second.appUrl);
      const text = round % 3 === 0 ? "好的，明天见" : `${VIOLATION}，第${round}次`;
      twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
      await twin.settled();
    }
    await idle();
    expect(await storedHashes(company)).toEqual(archivedHashes(twin));
    const violations = ROUNDS - Math.floor(ROUNDS / 3);
    expect(await countRows(company, "supervision_case")).toBe(violations);
    expect(await countRows(company, "hit")).toBe(2 * violations);
    expect(cardsOf(twin, "zhangwei")).toHaveLength(violations);
    expect(await countRows(company, "case_card", "state <> 'pushed'")).toBe(0);
    expect(await countRows(company, "job", "state = 'dead'")).toBe(0);
  });

  it("tell a sidebar that hangs on the one of what the other has found", async () => {
    const { twin } = company;
    twin.setApp(second.appUrl);
    const sales = await signIn(twin, "chenli");
    const streams = [];
    for (const { appUrl } of [company, second]) {
      twin.setApp(appUrl);
      streams.push(await sales.stream<WarningView>(`/api/sidebar/events?customerId=${CUSTOMER}`));
    }
    twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: `${VIOLATION}，两边` });
    for (const stream of streams) {
      await stream.find(({ data }) => data.quote.includes("两边"));
    }
    await idle();
    for (const stream of streams) {
      expect(stream.events.filter(({ data }) => data.quote.includes("两边"))).toHaveLength(1);
      stream.close();
    }
  });

  it("decide a case once when both are asked at the same moment", async () => {
    const { twin } = company;
    const manager = await signIn(twin, "zhangwei");
    const codes = watchCodes(twin);
    const open = (await casesOf(manager)).filter(({ state }) => state === "open");
    for (const { id } of open) {
      const path = `/api/manager/cases/${id}/decision`;
      const asked = [company, second].map(({ appUrl }, index) => {
        twin.setApp(appUrl);
        return manager.post(path, { decision: index === 0 ? "handled" : "false_alarm" });
      });
      const answers = await Promise.all(asked);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
    await idle();
    await eventually(
      () => countRows(company, "case_card", "state <> 'updated'"),
      (left) => left === 0,
    );
    expect(codes.refused).toEqual([]);
    expect(codes.used).toHaveLength(open.length);
    const words = cardsOf(twin, "zhangwei").map(({ replacedButton }) => replacedButton);
    expect(words.every((word) => word?.startsWith("张伟 ") === true)).toBe(true);
  });

  it("go on when one of them stops in the middle of it", async () => {
    const { twin } = company;
    twin.setApp(company.appUrl);
    const before = cardsOf(twin, "zhangwei").length;
    const stopping = second.stop();
    for (let round = 1; round <= 3; round += 1) {
      const text = `${VIOLATION}，换班${round}`;
      twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
    }
    await stopping;
    await settle(company);
    await eventually(
      () => cardsOf(twin, "zhangwei").length,
      (count) => count >= before + 3,
    );
    await settle(company);
    expect(cardsOf(twin, "zhangwei")).toHaveLength(before + 3);
    expect(await storedHashes(company)).toEqual(archivedHashes(twin));
  });
});

forEachDatabase("two products that are started at the same moment on an empty database", (open) => {
  it("both come up and work", async () => {
    const company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
      products: 2,
    });
    try {
      const text = `${VIOLATION}，同时`;
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
      await eventually(
        () => cardsOf(company.twin, "zhangwei").length,
        (count) => count > 0,
      );
      await settle(company);
      expect(cardsOf(company.twin, "zhangwei")).toHaveLength(1);
      expect(await storedHashes(company)).toEqual(archivedHashes(company.twin));
    } finally {
      await company.close();
    }
  });
});
