import { gzipSync } from "node:zlib";
import { connect } from "node:net";
import { InboxRow } from "../../../../server/src/features/callbacks/inbox.entity.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { Job } from "../../../../server/src/platform/jobs/job.entity.ts";
import { DataKey } from "../../../../server/src/platform/vault/data-key.entity.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { buttonEvent, corpId, openCallbackWorld, sign, signEcho } from "./callback-world.ts";
import type { Answer, CallbackWorld } from "./callback-world.ts";

const DAY_MS = 24 * 3600_000;

forEachDatabase("callbacks", (open) => {
  let database: Database;
  let world: CallbackWorld;
  const clock = { atMs: Date.now(), now: () => clock.atMs };
  const pressed: string[] = [];
  let failures = 0;

  beforeAll(async () => {
    database = await open([InboxRow, Job, DataKey]);
  });

  const start = async (over: Database = database): Promise<CallbackWorld> => {
    world = await openCallbackWorld(over, {
      clock,
      handlers: {
        card_button: ({ taskId }) => {
          if (failures > 0) {
            failures -= 1;
            return Promise.reject(new Error("not now"));
          }
          return Promise.resolve(() => {
            pressed.push(taskId);
            return Promise.resolve();
          });
        },
      },
    });
    return world;
  };

  beforeEach(async () => {
    await emptyTables(database);
    clock.atMs = Date.now();
    pressed.length = 0;
    failures = 0;
    await start();
  });

  afterEach(() => world.close());

  const countRows = (): Promise<number> => database.read.count(InboxRow);
  const countJobs = (): Promise<number> => database.read.count(Job);

  async function processAll(): Promise<void> {
    world.jobs.start();
    await world.jobs.idle();
    await world.jobs.stop();
  }

  describe("the check of the address", () => {
    it("answers the plain text and nothing else", async () => {
      const answer = await world.send("GET", signEcho("94966531020182955848408"));
      expect(answer).toMatchObject({ status: 200, body: "94966531020182955848408" });
      expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
    });

    it("works for each receiver with its own keys", async () => {
      expect((await world.send("GET", signEcho("1", "archive"))).body).toBe("1");
      const forApp = signEcho("1", "app").replace("/app?", "/archive?");
      expect((await world.send("GET", forApp)).status).toBe(403);
    });

    it("knows no other receiver, not even a name that every object has", async () => {
      for (const name of ["contacts", "other", "__proto__", "constructor", "toString"]) {
        expect((await world.send("GET", `/callbacks/${name}`)).status).toBe(404);
        expect((await world.send("POST", `/callbacks/${name}`, "<xml/>")).status).toBe(404);
      }
    });
  });

  describe("a delivery", () => {
    it("is acknowledged when it is stored, sealed, with its job", async () => {
      const { path, body } = sign(buttonEvent("task-1"));
      expect(await world.send("POST", path, body)).toMatchObject({ status: 200, body: "success" });
      const [row] = await database.read.find(InboxRow);
      expect(row).toMatchObject({ receiver: "app", processedAtMs: null });
      expect(row!.payload.includes("task-1")).toBe(false);
      expect(await countJobs()).toBe(1);
    });

    it("has its effect once, and is marked in the same transaction", async () => {
      const { path, body } = sign(buttonEvent("task-1"));
      await world.send("POST", path, body);
      await processAll();
      expect(pressed).toEqual(["task-1"]);
      expect((await database.read.find(InboxRow))[0]!.processedAtMs).toBe(clock.atMs);
    });

    it("has one effect however often and in whatever envelope it comes", async () => {
      const xml = buttonEvent("task-1");
      const first = sign(xml);
      await world.send("POST", first.path, first.body);
      await processAll();
      await world.close();
      await start();
      const again = [first, ...Array.from({ length: 5 }, () => sign(xml, { timestamp: "1" }))];
      const answers = await Promise.all(
        again.map(({ path, body }) => world.send("POST", path, body)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await processAll();
      expect(pressed).toEqual(["task-1"]);
      expect(await countRows()).toBe(1);
    });

    it("to another receiver is another event", async () => {
      const xml = buttonEvent("task-1");
      for (const receiver of ["app", "archive"] as const) {
        const { path, body } = sign(xml, { receiver });
        await world.send("POST", path, body);
      }
      expect(await countRows()).toBe(2);
    });

    it("that its handler cannot serve now waits with its job", async () => {
      failures = 1;
      const { path, body } = sign(buttonEvent("task-1"));
      await world.send("POST", path, body);
      await processAll();
      expect(pressed).toEqual([]);
      expect(await database.read.findOneByOrFail(Job, {})).toMatchObject({ state: "ready" });
      expect((await database.read.find(InboxRow))[0]!.processedAtMs).toBeNull();
    });

    it("without a handler is kept and marked", async () => {
      const xml = `<xml><ToUserName>${corpId}</ToUserName><MsgType>event</MsgType><Event>subscribe</Event></xml>`;
      const { path, body } = sign(xml);
      await world.send("POST", path, body);
      await processAll();
      expect((await database.read.find(InboxRow))[0]!.processedAtMs).not.toBeNull();
    });

    it("a hundred at once are each stored once, in fewer commits", async () => {
      await world.close();
      let commits = 0;
      const counting: Database = {
        ...database,
        write: (work) => {
          commits += 1;
          return database.write(work);
        },
      };
      await start(counting);
      // Connections that stand already: a server takes new ones one at a time.
      await Promise.all(Array.from({ length: 100 }, () => world.send("GET", "/callbacks/none")));
      const requests = Array.from({ length: 100 }, (_, index) =>
        sign(buttonEvent(`task-${index}`)),
      );
      const answers = await Promise.all(
        requests.map(({ path, body }) => world.send("POST", path, body)),
      );
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      expect(await countRows()).toBe(100);
      expect(await countJobs()).toBe(100);
      expect(commits).toBeLessThan(50);
    });

    it("that cannot be stored is not acknowledged", async () => {
      await world.close();
      let isBroken = true;
      const breaking: Database = {
        ...database,
        write: (work) =>
          database.write(async (tx) => {
            const result = await work(tx);
            if (isBroken) throw new Error("disk full");
            return result;
          }),
      };
      await start(breaking);
      const requests = [sign(buttonEvent("task-1")), sign(buttonEvent("task-2"))];
      const send = () =>
        Promise.all(requests.map(({ path, body }) => world.send("POST", path, body)));
      expect((await send()).map(({ status }) => status)).toEqual([500, 500]);
      expect(await countRows()).toBe(0);
      expect(await countJobs()).toBe(0);
      isBroken = false;
      expect((await send()).map(({ status }) => status)).toEqual([200, 200]);
      expect(await countRows()).toBe(2);
    });
  });

  describe("what is not WeCom's", () => {
    const xml = buttonEvent("task-secret", "RC-secret");
    const good = sign(xml);
    const query = new URLSearchParams(good.path.split("?")[1]);
    const withQuery = (change: (query: URLSearchParams) => void): string => {
      const changed = new URLSearchParams(query);
      change(changed);
      return `/callbacks/app?${changed.toString()}`;
    };
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>';
    const forged: [string, string, string | Buffer, Record<string, string>?][] = [
      ["no query", "/callbacks/app", good.body],
      ["no signature", withQuery((q) => q.delete("msg_signature")), good.body],
      ["no timestamp", withQuery((q) => q.delete("timestamp")), good.body],
      ["a wrong signature", withQuery((q) => q.set("msg_signature", "0".repeat(40))), good.body],
      ["a signature of another length", withQuery((q) => q.set("msg_signature", "0")), good.body],
      ["another nonce", withQuery((q) => q.set("nonce", "1")), good.body],
      ["another timestamp", withQuery((q) => q.set("timestamp", "2")), good.body],
      ["a signature given twice", `${good.path}&msg_signature=1`, good.body],
      ["a nonce given twice", `${good.path}&nonce=1`, good.body],
      ["another receiver's envelope", good.path.replace("/app?", "/archive?"), good.body],
      ["another corp's message", ...pair(sign(xml, { receiveId: "wwother" }))],
      ["a cut body", good.path, good.body.slice(0, -40)],
      ["an empty body", good.path, ""],
      ["no XML", good.path, "hello"],
      ["bytes", good.path, Buffer.from([0, 255, 254, 0, 1])],
      ["entities", good.path, bomb],
      ["two Encrypt", good.path, good.body.replace("</xml>", "<Encrypt>1</Encrypt></xml>")],
      ["a body that is too long", good.path, `${good.body}${" ".repeat(70_000)}`],
      ["a body that is far too long", good.path, Buffer.alloc(3_000_000, 32)],
      ["a compressed body", good.path, gzipSync(good.body), { "content-encoding": "gzip" }],
      [
        "a long chunked body",
        good.path,
        Buffer.alloc(80_000, 32),
        { "transfer-encoding": "chunked" },
      ],
    ];

    it("gets one and the same answer, and leaves nothing behind", async () => {
      const answers = new Map<string, Answer>();
      for (const [name, path, body, headers] of forged) {
        answers.set(name, await world.send("POST", path, body, headers));
      }
      answers.set("an unsigned check", await world.send("GET", "/callbacks/app"));
      answers.set("a check without text", await world.send("GET", good.path));
      const [first] = answers.values();
      expect(first).toMatchObject({ status: 403, body: "refused" });
      for (const [name, answer] of answers) expect([name, answer]).toEqual([name, first]);
      expect(await countRows()).toBe(0);
      expect(await countJobs()).toBe(0);
    });

    it("is counted in the log, with nothing of what it carried", async () => {
      for (const [, path, body, headers] of forged) await world.send("POST", path, body, headers);
      const carried = [...query.values(), "task-secret", "RC-secret", "msg_signature", "ENTITY"];
      for (const value of carried) expect(world.log()).not.toContain(value);
      expect(world.log().match(/callbacks were refused/g)).toHaveLength(2);
      clock.atMs += 61_000;
      await world.send("POST", "/callbacks/app", "");
      expect(world.log()).toContain(`"refused":${forged.length - 1}`);
    });

    it("ends when the body does not come to its end in time", async () => {
      const socket = connect(world.port, "127.0.0.1");
      const received: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => received.push(chunk));
      const closed = new Promise((resolve) => socket.on("close", resolve));
      socket.write(
        `POST ${good.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${good.body.length}\r\n\r\n<xml>`,
      );
      await closed;
      expect(Buffer.concat(received).toString("utf8")).toMatch(/^HTTP\/1\.1 403 /);
      expect(await countRows()).toBe(0);
    });
  });

  it("an old timestamp is no reason to refuse", async () => {
    const { path, body } = sign(buttonEvent("task-1"), { timestamp: "1500000000" });
    expect((await world.send("POST", path, body)).status).toBe(200);
  });

  it("removes what was processed a month ago, and nothing else", async () => {
    for (const task of ["a", "b"]) {
      const { path, body } = sign(buttonEvent(task));
      await world.send("POST", path, body);
    }
    await processAll();
    const { path, body } = sign(buttonEvent("c"));
    await world.send("POST", path, body);
    expect(await world.inbox.prune()).toBe(0);
    clock.atMs += 31 * DAY_MS;
    expect(await world.inbox.prune()).toBe(2);
    expect(await countRows()).toBe(1);
  });

  it("tells when each receiver heard from WeCom last", async () => {
    expect(await world.inbox.status()).toEqual([]);
    const { path, body } = sign(buttonEvent("a"), { receiver: "archive" });
    await world.send("POST", path, body);
    expect(await world.inbox.status()).toEqual([
      { receiver: "archive", lastReceivedAtMs: clock.atMs },
    ]);
  });
});

function pair({ path, body }: { path: string; body: string }): [string, string] {
  return [path, body];
}
