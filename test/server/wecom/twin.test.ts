import { randomBytes } from "node:crypto";
import { loadConfig } from "../../../server/src/config.ts";
import type { Config } from "../../../server/src/config.ts";
import { systemClock } from "../../../server/src/platform/clock.ts";
import { DataKey } from "../../../server/src/platform/vault/data-key.entity.ts";
import { createVault } from "../../../server/src/platform/vault/vault.ts";
import { createSharedTokens } from "../../../server/src/wecom/access-tokens.ts";
import type { SharedTokens } from "../../../server/src/wecom/access-tokens.ts";
import { createAppMessages } from "../../../server/src/wecom/app-messages.ts";
import { checkSingleConsent } from "../../../server/src/wecom/archive-consent.ts";
import { openItem } from "../../../server/src/wecom/archive-envelope.ts";
import { readPrivateKeys } from "../../../server/src/wecom/archive-keys.ts";
import { openDelivery } from "../../../server/src/wecom/callback-crypto.ts";
import { readEvent } from "../../../server/src/wecom/callback-event.ts";
import { createCustomerContact } from "../../../server/src/wecom/customer-contact.ts";
import { createDirectory } from "../../../server/src/wecom/directory.ts";
import { createHttpArchiveSource } from "../../../server/src/wecom/http-archive-source.ts";
import { createJssdk } from "../../../server/src/wecom/jssdk.ts";
import { createWecomClient } from "../../../server/src/wecom/wecom-client.ts";
import type { WecomClient } from "../../../server/src/wecom/wecom-client.ts";
import { WecomToken } from "../../../server/src/wecom/wecom-token.entity.ts";
import { startFakeReceiver } from "../../simulator/testing/fake-receiver.ts";
import type { FakeReceiver } from "../../simulator/testing/fake-receiver.ts";
import { CUSTOMER, REFUSING_CUSTOMER } from "../../simulator/testing/small-company.ts";
import { startFixture } from "../../simulator/testing/twin-fixture.ts";
import type { TwinFixture } from "../../simulator/testing/twin-fixture.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { silentLog } from "./fake-wecom.ts";

/** Both sides were written apart from the platform's description; here they meet. */
forEachDatabase("the door and the twin", (open) => {
  let receiver: FakeReceiver;
  let fixture: TwinFixture;
  let config: Config;
  let tokens: SharedTokens;
  let client: WecomClient;

  beforeAll(async () => {
    receiver = await startFakeReceiver();
    fixture = await startFixture({ appUrl: receiver.url });
    config = loadConfig(fixture.twin.settings());
    const database = await open([WecomToken, DataKey]);
    const vault = createVault(database, { id: "k", key: randomBytes(32) }, systemClock);
    tokens = createSharedTokens({ database, vault, clock: systemClock, pollMs: 5 });
    client = createWecomClient({
      config: config.wecom,
      tokens,
      clock: systemClock,
      log: silentLog,
      backOffMs: 1,
    });
  });
  afterAll(async () => {
    client.close();
    await fixture.close();
    await receiver.close();
  });

  it("agree on people, customers and consent", async () => {
    const directory = createDirectory(client);
    const departments = await directory.listDepartments();
    const members = await Promise.all(departments.map(({ id }) => directory.listMembersOf(id)));
    expect(members.flat().map(({ id }) => id)).toContain("chenli");
    expect((await directory.getMember("ChenLi")).directLeaderIds).toContain("zhangwei");

    const customer = await createCustomerContact(client).getCustomer(CUSTOMER);
    expect(customer?.follows.map(({ memberId }) => memberId)).toContain("chenli");
    expect(await createCustomerContact(client).getCustomer(`wm${"9".repeat(30)}`)).toBeNull();

    const pairs = [CUSTOMER, REFUSING_CUSTOMER].map((customerId) => ({
      memberId: "chenli",
      customerId,
    }));
    const states = await checkSingleConsent(client, pairs);
    expect(states.map(({ consent }) => consent)).toEqual(["agreed", "refused"]);
  });

  it("agree on every item of the archive", async () => {
    const { keys, problems } = readPrivateKeys(config.wecom.archiveKeysDir);
    expect(problems).toEqual([]);
    const source = createHttpArchiveSource(client, silentLog);
    const items = await source.pull(0, 1000);
    expect(items.length).toBeGreaterThan(0);
    const outcomes = items.map((item) => openItem(keys, item));
    expect(outcomes.filter(({ isOpen }) => !isOpen)).toEqual([]);
    expect(await source.pull(items.at(-1)!.seq, 10)).toEqual([]);
  });

  it("agree on tickets, and on tokens that run out", async () => {
    const jssdk = createJssdk({ config: config.wecom, client, tokens, clock: systemClock });
    const { config: corp, agentConfig } = await jssdk.signaturesFor(`${config.publicUrl}/sidebar/`);
    expect(corp.signature).not.toBe(agentConfig.signature);
    fixture.twin.setFaults({ expireTokens: true });
    const members = await Promise.all(
      Array.from({ length: 20 }, () => createDirectory(client).getMember("chenli")),
    );
    expect(members).toHaveLength(20);
    fixture.twin.setFaults({ expireTokens: false });
  });

  it("agree on a card from the push to the tap to the update", async () => {
    const messages = createAppMessages(config.wecom, client);
    const card = {
      toMemberIds: ["zhangwei"],
      taskId: `case-${randomBytes(4).toString("hex")}`,
      source: "合规助手",
      title: "陈丽：承诺收益",
      rows: [{ label: "客户", value: "阿秀" }],
      buttons: [{ key: "handle", text: "处理", style: "primary" as const }],
      url: `${config.publicUrl}/manager/`,
    };
    const pushed = await messages.pushCard(card);
    expect(pushed).toMatchObject({ responseCode: expect.any(String), invalidMemberIds: [] });
    // The same once more, as a job does that never saw the answer.
    expect((await messages.pushCard(card)).responseCode).toBeNull();
    const shown = fixture.twin.phone("zhangwei");
    expect(shown).toHaveLength(1);

    const before = receiver.received.length;
    await fixture.twin.tap({ memberId: "zhangwei", msgId: shown[0]!.msgId, buttonKey: "handle" });
    const delivery = receiver.received.slice(before).find(({ path }) => path === "/callbacks/app")!;
    const { app } = config.wecom.receivers;
    const query = Object.fromEntries(new URLSearchParams(delivery.query));
    const event = readEvent(openDelivery(app!, config.wecom.corpId, query, delivery.body));
    expect(event).toMatchObject({
      kind: "card_button",
      memberId: "zhangwei",
      taskId: card.taskId,
      buttonKey: "handle",
    });

    const update = { memberIds: ["zhangwei"], replacedText: "张伟 已处理" };
    const responseCode = event.kind === "card_button" ? event.responseCode : "";
    expect(await messages.updateCard({ ...update, responseCode })).toMatchObject({
      isUpdated: true,
    });
    expect(await messages.updateCard({ ...update, responseCode })).toMatchObject({
      isUpdated: false,
    });
    expect(fixture.twin.phone("zhangwei")[0]!.replacedButton).toBe("张伟 已处理");
  });
});
