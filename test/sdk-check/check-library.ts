import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pino } from "pino";
import { Secret } from "../../server/src/platform/secret.ts";
import { unwrapItemKey } from "../../server/src/wecom/archive-envelope.ts";
import { readPrivateKeys } from "../../server/src/wecom/archive-keys.ts";
import type { ArchiveItem } from "../../server/src/wecom/archive-source.ts";
import { createNativeArchiveSource } from "../../server/src/wecom/native-archive-source.ts";
import { createSdkHost } from "../../server/src/wecom/sdk-host.ts";
import type { SdkHost } from "../../server/src/wecom/sdk-host.ts";
import { startSdkEndpoint } from "../simulator/sdk-endpoint.ts";
import { startFixture } from "../simulator/testing/twin-fixture.ts";
import type { TwinFixture } from "../simulator/testing/twin-fixture.ts";

export interface Verdict {
  step: string;
  /** Null: not tried, since a step before it failed. */
  isGood: boolean | null;
  detail: string;
}

export interface LibraryToCheck {
  library: string;
  hostProgram: string;
}

const TIMEOUT_SECONDS = 10;
/** Below a chunk, whole chunks (the last one is empty then), and an end in the middle of one. */
const FILE_SIZES = [1_000, 524_288, 1_300_000];
const log = pino({ level: "silent" });

interface Bench {
  fixture: TwinFixture;
  host: SdkHost;
  /** What the steps before have fetched. */
  items: ArchiveItem[];
}

const steps: [name: string, run: (bench: Bench) => Promise<string>][] = [
  ["self-test", selfTest],
  ["token", getToken],
  ["page", pullPage],
  ["decrypt", decryptPage],
  ["media", fetchMedia],
];

/**
 * Tries a library as the product uses it, in the host program and against the twin: what is WeCom's own finds its
 * way through a proxy that plays the platform, and what is a double goes there in the clear.
 */
export async function checkLibrary({ library, hostProgram }: LibraryToCheck): Promise<Verdict[]> {
  const fixture = await startFixture();
  const endpoint = await startSdkEndpoint({ twinUrl: fixture.twin.url });
  const { corp } = fixture.twin.world;
  const host = createSdkHost({
    program: hostProgram,
    library,
    env: { WECOM_API_URL: fixture.twin.url },
    corpId: corp.corpId,
    secret: new Secret(corp.secrets.archive),
    proxy: endpoint.proxyUrl,
    proxyPassword: null,
    timeoutSeconds: TIMEOUT_SECONDS,
    clock: { now: () => Date.now() },
    log,
  });
  try {
    return await runSteps({ fixture, host, items: [] });
  } finally {
    await host.close();
    await endpoint.close();
    await fixture.close();
  }
}

async function runSteps(bench: Bench): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [step, run] of steps) {
    if (verdicts.some(({ isGood }) => isGood === false)) {
      verdicts.push({ step, isGood: null, detail: "not tried" });
      continue;
    }
    const startedAtMs = performance.now();
    try {
      const detail = await run(bench);
      const tookMs = Math.round(performance.now() - startedAtMs);
      verdicts.push({ step, isGood: true, detail: `${detail} (${tookMs} ms)` });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      verdicts.push({ step, isGood: false, detail });
    }
  }
  return verdicts;
}

async function selfTest({ host }: Bench): Promise<string> {
  await host.start();
  const { isRunning, trouble, library } = host.health();
  if (!isRunning) throw trouble?.error ?? new Error("the host did not start");
  return `loaded, ${library?.bytes ?? 0} bytes, version ${library?.version ?? "not told"}`;
}

async function getToken({ host }: Bench): Promise<string> {
  const body = JSON.parse(await host.getChatData(0, 1)) as { errcode?: number };
  if (body.errcode !== 0) throw new Error(`the twin answered ${String(body.errcode)}`);
  return "a call with a fresh token was accepted";
}

async function pullPage(bench: Bench): Promise<string> {
  const clock = { now: () => Date.now() };
  const source = createNativeArchiveSource({ ...bench, mediaHost: bench.host, clock, log });
  bench.items = await source.pull(0, 1000);
  // Older ones than WeCom keeps are not served.
  const { length: served } = bench.fixture.twin.world.archive.page(0, 1000, Date.now());
  if (bench.items.length !== served) {
    throw new Error(`${bench.items.length} items came of ${served}`);
  }
  return `${served} items`;
}

async function decryptPage({ fixture, host, items }: Bench): Promise<string> {
  const { keys } = readPrivateKeys(join(fixture.folder, "keys"));
  const sealed = items.map((item) => {
    const key = unwrapItemKey(keys, item);
    if (!key.isOpen) throw new Error(`the random key of item ${item.seq} did not open`);
    return { randomKey: key.randomKey, encryptedMessage: item.encryptedMessage };
  });
  const plain = new Map(fixture.twin.archiveItems().map((one) => [one.seq, one.plain]));
  const outcomes = await host.decrypt(sealed);
  outcomes.forEach((outcome, index) => {
    const seq = items[index]?.seq ?? 0;
    if (outcome.is === "fatal") throw new Error(`the library died of item ${seq}`);
    if (outcome.code !== 0) throw new Error(`item ${seq}: code ${outcome.code}`);
    if (outcome.plain.toString("utf8") !== plain.get(seq)) throw new Error(`item ${seq}: garbage`);
  });
  return `${outcomes.length} messages as they were sent`;
}

async function fetchMedia({ fixture, host }: Bench): Promise<string> {
  for (const size of FILE_SIZES) {
    const content = randomBytes(size);
    const fileId = fixture.twin.world.media.add(content, Date.now());
    const chunks: Buffer[] = [];
    for (let index = "", isLast = false; !isLast;) {
      const chunk = await host.getMedia(fileId, index);
      chunks.push(chunk.data);
      ({ nextIndex: index, isLast } = chunk);
    }
    if (!Buffer.concat(chunks).equals(content))
      throw new Error(`${size} bytes came back otherwise`);
  }
  return `files of ${FILE_SIZES.join(", ")} bytes`;
}
