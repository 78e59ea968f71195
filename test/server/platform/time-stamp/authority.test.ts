import { randomBytes, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import { systemClock } from "../../../../server/src/platform/clock.ts";
import { createTimeStampAuthority } from "../../../../server/src/platform/time-stamp/authority.ts";
import {
  childrenOf,
  contentOf,
  INTEGER,
  readDer,
  SEQUENCE,
} from "../../../../server/src/platform/time-stamp/der.ts";
import { StampError } from "../../../../server/src/platform/time-stamp/stamp-error.ts";
import { checkStamp, sha256 } from "../../../../server/src/platform/time-stamp/time-stamp.ts";
import type { StampQuestion } from "../../../../server/src/platform/time-stamp/time-stamp.ts";
import { describeWithTsa, reply, startTsa } from "../../../support/tsa.ts";
import type { TestTsa } from "../../../support/tsa.ts";

const NOTE = "wecom.example.com/ledger\n42\nroot\n";
const hash = sha256(NOTE);

describeWithTsa("a time-stamping authority", () => {
  let tsa: TestTsa;
  beforeAll(async () => {
    tsa = await startTsa();
  });
  afterAll(() => tsa.close());
  beforeEach(() => {
    tsa.lie = null;
  });

  const ask = (change: { url?: string; caFile?: string | null; nowMs?: number } = {}) =>
    createTimeStampAuthority(
      {
        url: change.url ?? tsa.url,
        caFile: change.caFile === undefined ? tsa.caFile : change.caFile,
      },
      { clock: { now: () => change.nowMs ?? systemClock.now() }, timeoutMs: 1500 },
    ).stamp(hash);
  const reasonOf = async (asked: Promise<unknown>): Promise<string> =>
    await asked.then(
      () => "taken",
      (error: unknown) => (error instanceof StampError ? error.reason : String(error)),
    );
  /** Answers to a question of the liar's own. */
  const answering = (change: (query: Buffer) => Buffer) => {
    tsa.lie = (query, response) => reply(response, change(query));
  };

  it("stamps a hash, and openssl says so, too", async () => {
    const { answer, atMs, authority } = await ask();
    expect(Math.abs(atMs - systemClock.now())).toBeLessThan(60_000);
    expect(authority).toBe("Test TSA tsa");
    expect(tsa.verify(answer, NOTE)).toBe(true);
    expect(tsa.verify(answer, `${NOTE} `)).toBe(false);
    expect(answer.includes(hash)).toBe(true);
  });

  it("may sign with an elliptic curve", async () => {
    answering((query) => tsa.answer(query, "ec"));
    expect((await ask()).authority).toBe("Test TSA ec");
  });

  it.each<[string, string, () => void]>([
    [
      "another hash",
      "other_hash",
      () => answering(() => tsa.answer(tsa.question(randomBytes(32)))),
    ],
    ["another nonce", "other_nonce", () => answering(() => tsa.answer(tsa.question(hash)))],
    ["no nonce", "other_nonce", () => answering(() => tsa.answer(tsa.question(hash, false)))],
    [
      "a stranger's signature",
      "untrusted",
      () => answering((query) => tsa.answer(query, "stranger")),
    ],
    ["garbage", "not_a_stamp", () => answering(() => randomBytes(3000))],
    ["nothing", "not_a_stamp", () => answering(() => Buffer.alloc(0))],
    ["a refusal", "refused", () => answering(() => Buffer.from("30053003020102", "hex"))],
    ["a huge answer", "not_a_stamp", () => answering(() => Buffer.alloc(1024 * 1024))],
    ["its page", "refused", () => (tsa.lie = (_query, response) => response.end("<html>"))],
    ["an error", "refused", () => (tsa.lie = (_query, response) => response.writeHead(500).end())],
    [
      "another address",
      "unreachable",
      () => (tsa.lie = (_query, response) => response.writeHead(307, { location: "/other" }).end()),
    ],
    ["silence", "unreachable", () => (tsa.lie = () => undefined)],
    [
      "an answer without an end",
      "unreachable",
      () => (tsa.lie = (_query, response) => trickle(response)),
    ],
  ])("is not believed with %s: %s", async (_name, reason, lie) => {
    lie();
    expect(await reasonOf(ask())).toBe(reason);
  });

  it("is not believed with a certificate that is for something else, nor with yesterday's answer", async () => {
    answering((query) => tsa.forge(query));
    const refused = await ask().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      reason: "untrusted",
      message: "the certificate is not one for time stamps",
    });
    tsa.lie = null;
    const { answer } = await ask();
    answering(() => answer);
    expect(await reasonOf(ask())).toBe("other_nonce");
  });

  it("is not believed by a clock that is far from its own, nor without its root", async () => {
    expect(await reasonOf(ask({ nowMs: systemClock.now() + 11 * 60_000 }))).toBe("wrong_time");
    expect(await reasonOf(ask({ nowMs: systemClock.now() + 9 * 60_000 }))).toBe("taken");
    expect(await reasonOf(ask({ caFile: null }))).toBe("untrusted");
    const empty = `${tsa.caFile}.empty`;
    writeFileSync(empty, "");
    expect(() =>
      createTimeStampAuthority({ url: tsa.url, caFile: empty }, { clock: systemClock }),
    ).toThrow(/holds no certificate/);
  });

  it("is not believed when any one byte of what it signed is changed", async () => {
    let question: StampQuestion = { hash, nonce: hash };
    answering((query) => {
      const [, , nonce] = childrenOf(readDer(query), SEQUENCE);
      question = { hash, nonce: contentOf(nonce, INTEGER) };
      return tsa.answer(query);
    });
    const { answer } = await ask();
    const trusted = [new X509Certificate(readFileSync(tsa.caFile))];
    const isTaken = (bytes: Buffer): boolean => {
      try {
        checkStamp(bytes, question, { nowMs: systemClock.now(), trusted });
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(StampError);
        return false;
      }
    };
    expect(isTaken(answer)).toBe(true);
    const taken: number[] = [];
    for (let at = 0; at < answer.length; at += 1) {
      const changed = Buffer.from(answer);
      changed[at]! ^= 1 << (at % 8);
      if (isTaken(changed)) taken.push(at);
      expect(isTaken(answer.subarray(0, at))).toBe(false);
    }
    // Only what is neither signed nor needed may differ, such as the list of digests before the content.
    const info = answer.indexOf(hash);
    const signature = answer.length - 256;
    expect(taken.filter((at) => at >= signature || (at > info - 40 && at < info + 70))).toEqual([]);
    expect(taken.length).toBeLessThan(answer.length / 20);
  });

  it("is unreachable when nobody listens", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    await new Promise((done) => server.close(done));
    expect(await reasonOf(ask({ url: `http://127.0.0.1:${port}/` }))).toBe("unreachable");
  });
});

/** A byte now and then, and no end. */
function trickle(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/timestamp-reply" });
  const timer = setInterval(() => response.write("x"), 50);
  response.on("close", () => clearInterval(timer));
}
