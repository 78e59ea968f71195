import {
  openDelivery,
  readElement,
  startFakeReceiver,
  type FakeReceiver,
} from "./testing/fake-receiver.ts";
import { decryptCallback } from "./crypto/callback-crypto.ts";
import { CUSTOMER } from "./testing/small-company.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";
import type { TwinOptions } from "./twin-options.ts";

const CHAT = `single:chenli:${CUSTOMER}`;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  answer?: Parameters<typeof startFakeReceiver>[0],
  options: Partial<TwinOptions> = {},
): Promise<{ receiver: FakeReceiver; fixture: TwinFixture }> {
  const receiver = await startFakeReceiver(answer);
  const fixture = await startFixture({ appUrl: receiver.url, ...options });
  closers.push(receiver.close, fixture.close);
  return { receiver, fixture };
}

const say = ({ twin }: TwinFixture, text: string) =>
  twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });

describe("delivery", () => {
  test("is signed and encrypted for its receiver", async () => {
    const { receiver, fixture } = await start();
    await fixture.twin.changeContact("delete_user", { UserID: "sunhao" });
    const [request] = receiver.received;
    expect(request).toMatchObject({ method: "POST", path: "/callbacks/contacts" });
    const xml = openDelivery(request!, fixture.twin.world.corp.receiverKeys.contacts);
    expect(readElement(xml, "Event")).toBe("change_contact");
    expect(readElement(xml, "ChangeType")).toBe("delete_user");
    expect(readElement(xml, "UserID")).toBe("sunhao");
    expect(readElement(xml, "ToUserName")).toBe(fixture.twin.world.corp.corpId);
    expect(readElement(request!.body, "AgentID")).toBe("");
  });

  test("is tried four times with fresh signatures, then given up", async () => {
    const { receiver, fixture } = await start((_, __, response) => {
      response.statusCode = 500;
      response.end();
    });
    await fixture.twin.deliverCallback("app", "<xml/>");
    expect(receiver.received).toHaveLength(4);
    const signatures = receiver.received.map(({ query }) => query.get("msg_signature"));
    expect(new Set(signatures).size).toBe(4);
    expect(fixture.twin.callbackCounters()).toEqual({
      sent: 1,
      acknowledged: 0,
      retried: 3,
      failed: 1,
    });
  });

  test("a silent receiver is a failed attempt; the retry arrives", async () => {
    const { receiver, fixture } = await start(
      (_, index, response) => {
        if (index > 0) response.end("success");
      },
      { callbackDeadlineMs: 50 },
    );
    await fixture.twin.deliverCallback("app", "<xml/>");
    expect(receiver.received).toHaveLength(2);
    expect(fixture.twin.callbackCounters()).toMatchObject({ acknowledged: 1, retried: 1 });
  });

  test("copies and drops happen as the faults say", async () => {
    const { receiver, fixture } = await start();
    fixture.twin.setFaults({ callbackCopies: 3 });
    await fixture.twin.deliverCallback("app", "<xml>1</xml>");
    expect(receiver.received).toHaveLength(3);
    fixture.twin.setFaults({ dropCallbacks: true });
    await fixture.twin.deliverCallback("app", "<xml>2</xml>");
    expect(receiver.received).toHaveLength(3);
  });

  test("a forgery is what the test made of it", async () => {
    const { receiver, fixture } = await start();
    const forged = fixture.twin.signCallback("app", "<xml/>", {
      receiveId: "wwsomebodyelse",
      timestamp: "1",
    });
    expect(await fixture.twin.postCallback("app", forged)).toEqual({
      status: 200,
      body: "success",
    });
    const { query, body } = receiver.received[0]!;
    expect(query.get("timestamp")).toBe("1");
    const { encodingAesKey } = fixture.twin.world.corp.receiverKeys.app;
    const encrypted = readElement(body, "Encrypt");
    expect(decryptCallback(encodingAesKey, encrypted).receiveId).toBe("wwsomebodyelse");
  });
});

describe("URL verification", () => {
  const echo = (change: (plain: string) => string) =>
    start((request, _, response) => {
      const { encodingAesKey } = keys!;
      const opened = decryptCallback(encodingAesKey, request.query.get("echostr") ?? "");
      response.end(change(opened.message));
    });
  let keys: { encodingAesKey: string } | undefined;

  test("passes on the raw plaintext alone", async () => {
    const good = await echo((plain) => plain);
    keys = good.fixture.twin.world.corp.receiverKeys.archive;
    expect(await good.fixture.twin.verifyCallbackUrl("archive")).toBe(true);
    const bad = await echo((plain) => JSON.stringify(plain));
    keys = bad.fixture.twin.world.corp.receiverKeys.archive;
    expect(await bad.fixture.twin.verifyCallbackUrl("archive")).toBe(false);
  });
});

describe("notice of new archive items", () => {
  test("comes at once for the first and once for all that follow within the interval", async () => {
    const { receiver, fixture } = await start(undefined, { notifyIntervalMs: 1_000 });
    const arrived = () => receiver.received.length;
    say(fixture, "一");
    say(fixture, "二");
    say(fixture, "三");
    await fixture.twin.settled();
    expect(arrived()).toBe(1);
    const xml = openDelivery(receiver.received[0]!, fixture.twin.world.corp.receiverKeys.archive);
    expect(receiver.received[0]!.path).toBe("/callbacks/archive");
    expect(readElement(xml, "Event")).toBe("msgaudit_notify");
    expect(readElement(xml, "AgentID")).toBe("2000004");
    await expect(eventually(arrived, 2)).resolves.toBe(2);
  });

  test("is not sent for a chat that is not archived", async () => {
    const { receiver, fixture } = await start();
    fixture.twin.sendMessage({
      conversationId: "single:chenli:wm00000000000000000000000000000002",
      fromId: "chenli",
      text: "您好",
    });
    await fixture.twin.settled();
    expect(receiver.received).toEqual([]);
  });
});

test("what happens to a customer changes the address book and tells the app", async () => {
  const { receiver, fixture } = await start();
  const change = { memberId: "sunhao", customerId: CUSTOMER };
  await fixture.twin.changeExternalContact({ ...change, changeType: "add_external_contact" });
  expect(await fixture.call("app", "/externalcontact/list?userid=sunhao")).toMatchObject({
    external_userid: [CUSTOMER],
  });
  await fixture.twin.changeExternalContact({ ...change, changeType: "del_follow_user" });
  expect(await fixture.call("app", "/externalcontact/list?userid=sunhao")).toMatchObject({
    errcode: 84061,
  });
  const { app } = fixture.twin.world.corp.receiverKeys;
  const events = receiver.received.map((one) => openDelivery(one, app));
  expect(events.map((xml) => readElement(xml, "ChangeType"))).toEqual([
    "add_external_contact",
    "del_follow_user",
  ]);
});

/** Resolves as soon as the value is reached; Jest's time limit is the only clock. */
async function eventually(read: () => number, wanted: number): Promise<number> {
  while (read() < wanted) await new Promise((resolve) => setImmediate(resolve));
  return read();
}
