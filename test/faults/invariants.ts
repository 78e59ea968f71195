import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { entities } from "../../server/src/entities.ts";
import { placeOfBody } from "../../server/src/features/archive/sealed-places.ts";
import { createMedia } from "../../server/src/features/media/media.service.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { openDatabase } from "../../server/src/platform/database/database.ts";
import type { Database } from "../../server/src/platform/database/database.ts";
import { createJobs } from "../../server/src/platform/jobs/jobs.ts";
import { createFolderStore } from "../../server/src/platform/objects/folder-store.ts";
import { parseKeys } from "../../server/src/platform/vault/key-encryption-key.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../server/src/platform/vault/vault.ts";
import { RETENTION_MS } from "../simulator/archive.ts";
import type { PlainItem } from "../simulator/archive.ts";
import { cardsOf, VIOLATION } from "../support/main-job-world.ts";
import type { Stage } from "./stage.ts";
import type { Workload } from "./workload.ts";

/** What must be true when all troubles are over. */
export interface Verdict {
  invariant: string;
  /** What is wrong, a line each. */
  problems: string[];
  /** How much was looked at. */
  seen: string;
}

export interface Evidence {
  stage: Stage;
  workload: Pick<Workload, "acknowledged">;
  /** The cursor as it was seen from time to time. */
  cursors: readonly number[];
  /** Exit codes of the servers that were asked to end when all was over. */
  exitCodes: readonly (number | null)[];
}

interface Look extends Evidence {
  database: Database;
  vault: Vault;
  served: readonly PlainItem[];
}

type Row = Record<string, unknown>;

/** Rules of the starter set that VIOLATION breaks. */
const BROKEN_RULES = ["contact.off", "fin.guarantee"];
const SHOWN = 5;
const silent = pino({ level: "silent" });

/** Opened with the product's own code and key file, as a new start of it would. */
export async function checkInvariants(evidence: Evidence): Promise<Verdict[]> {
  const { stage } = evidence;
  const database = await openDatabase({ url: stage.database.url, entities });
  try {
    const key = parseKeys(readFileSync(join(stage.dataDir, "vault.key"), "utf8"))[0]!;
    const oldestMs = Date.now() - RETENTION_MS;
    const look: Look = {
      ...evidence,
      database,
      vault: createVault(database, key, systemClock),
      served: stage.twin.archiveItems().filter(({ atMs }) => atMs > oldestMs),
    };
    const verdicts: Verdict[] = [];
    for (const check of checks) verdicts.push(await check(look));
    return verdicts;
  } finally {
    await database.close();
  }
}

const checks: ((look: Look) => Verdict | Promise<Verdict>)[] = [
  everyItemIsKept,
  everyBodyIsWhatWasSaid,
  everyHitExistsOnce,
  everyCaseHasItsCardOnce,
  everyCallbackIsThereOnce,
  everyFileIsWhole,
  theBooksBalance,
  theCursorNeverWentBack,
  theServersLived,
];

async function everyItemIsKept({ database, served }: Look): Promise<Verdict> {
  const stored = await numbers(database, "SELECT seq AS n FROM message");
  const waiting = await numbers(
    database,
    "SELECT seq AS n FROM undecodable WHERE resolved_at_ms IS NULL",
  );
  const sound = served.filter(({ corrupt }) => corrupt === null).map(({ seq }) => seq);
  const garbage = served.filter(({ corrupt }) => corrupt !== null).map(({ seq }) => seq);
  return {
    invariant: "every item that was served is stored, or kept when nobody can open it",
    problems: [...differ("stored", sound, stored), ...differ("kept", garbage, waiting)],
    seen: `${served.length} served = ${stored.length} stored + ${waiting.length} kept`,
  };
}

async function everyBodyIsWhatWasSaid({ database, vault, served }: Look): Promise<Verdict> {
  const said = new Map(served.map(({ seq, plain }) => [seq, sha256(plain)]));
  const rows = await database.read.query<{ seq: string | number; body: Buffer }[]>(
    "SELECT seq, body FROM message",
  );
  const problems: string[] = [];
  for (const { seq, body } of rows) {
    const text = await vault.openText(placeOfBody(Number(seq)), body).catch((error: unknown) => {
      problems.push(`seq ${seq} does not open: ${String(error)}`);
      return null;
    });
    if (text !== null && sha256(text) !== said.get(Number(seq))) {
      problems.push(`seq ${seq} is not what was said`);
    }
  }
  return {
    invariant: "every body opens to what was said",
    problems,
    seen: `${rows.length} bodies`,
  };
}

async function everyHitExistsOnce({ database, served }: Look): Promise<Verdict> {
  const expected = served
    .filter(({ corrupt, plain }) => corrupt === null && plain.includes(VIOLATION))
    .flatMap(({ seq }) => BROKEN_RULES.map((rule) => `${seq} ${rule}`));
  const rows = await database.read.query<Row[]>("SELECT message_seq, rule_id FROM hit");
  const found = rows.map((row) => `${String(row["message_seq"])} ${String(row["rule_id"])}`);
  return {
    invariant: "every hit exists, once",
    problems: differ("hits", expected, found),
    seen: `${found.length} hits`,
  };
}

async function everyCaseHasItsCardOnce({ database, stage, served }: Look): Promise<Verdict> {
  const breaches = served.filter(
    ({ corrupt, plain }) => corrupt === null && plain.includes(VIOLATION),
  );
  const cases = await numbers(database, "SELECT message_seq AS n FROM supervision_case");
  const ordered = await database.read.query<{ id: string }[]>("SELECT id FROM case_card");
  const { members } = stage.twin.world.directory;
  const onPhones = members
    .flatMap(({ id }) => cardsOf(stage.twin, id))
    .map(({ body }) => String(body["task_id"]));
  const seqs = breaches.map(({ seq }) => seq);
  const ids = ordered.map(({ id }) => id);
  return {
    invariant: "every breach is one case, with one card on the manager's phone",
    problems: [...differ("cases", seqs, cases), ...differ("cards", ids, onPhones)],
    seen: `${cases.length} cases, ${onPhones.length} cards`,
  };
}

async function everyCallbackIsThereOnce({ database, vault, workload }: Look): Promise<Verdict> {
  const rows = await database.read.query<
    { id: string; payload: Buffer; processed_at_ms: unknown }[]
  >("SELECT id, payload, processed_at_ms FROM inbox");
  const problems: string[] = [];
  const counts = new Map<string, number>();
  for (const { id, payload, processed_at_ms: processedAtMs } of rows) {
    const place = { table: "inbox", column: "payload", rowId: id };
    const xml = await vault.openText(place, payload).catch((error: unknown) => String(error));
    counts.set(xml, (counts.get(xml) ?? 0) + 1);
    if (processedAtMs === null) problems.push(`nothing was done about ${xml}`);
  }
  for (const [xml, count] of counts) if (count > 1) problems.push(`${count} times ${xml}`);
  for (const xml of workload.acknowledged) if (!counts.has(xml)) problems.push(`lost: ${xml}`);
  return {
    invariant: "every acknowledged callback is in the inbox once, and was acted upon",
    problems,
    seen: `${workload.acknowledged.size} acknowledged, ${rows.length} in the inbox`,
  };
}

async function everyFileIsWhole({ database, vault, stage, served }: Look): Promise<Verdict> {
  const expected = new Map(
    served
      .filter(({ corrupt, plain }) => corrupt === null && plain.includes('"md5sum"'))
      .map(({ seq, plain }) => [seq, /"md5sum":"(\w+)"/.exec(plain)?.[1]]),
  );
  const rows = await database.read.query<{ id: string; seq: string | number; state: string }[]>(
    "SELECT id, seq, state FROM media",
  );
  const found = rows.map(({ seq }) => Number(seq));
  const problems = differ("files", [...expected.keys()], found);
  const store = createFolderStore(join(stage.dataDir, "media"));
  const media = createMedia({
    database,
    vault,
    store,
    clock: systemClock,
    jobs: createJobs(database, silent),
  });
  const stored = rows.filter(({ state }) => state === "stored");
  for (const { id, seq } of stored) {
    try {
      const { file } = await media.open(id);
      const md5 = createHash("md5").update(await file.read(0, file.size));
      if (md5.digest("hex") !== expected.get(Number(seq))) problems.push(`file ${id} is another`);
    } catch (error) {
      problems.push(`file ${id} does not open: ${String(error)}`);
    }
  }
  const expired = rows.filter(({ state }) => state === "expired").length;
  if (expired > stage.filesGone) {
    problems.push(`${expired} files given up, ${stage.filesGone} were gone`);
  }
  const others = rows.filter(({ state }) => state !== "stored" && state !== "expired");
  problems.push(...others.map(({ id, state }) => `file ${id} is ${state}`));
  return {
    invariant: "every file is stored as it was sent, or was gone before it could be fetched",
    problems,
    seen: `${stored.length} stored, ${expired} gone`,
  };
}

async function theBooksBalance({ database }: Look): Promise<Verdict> {
  const places = await database.read.query<Row[]>("SELECT * FROM archive_books");
  const problems: string[] = [];
  const sums = { stored: 0, undecodable: 0, pulled: 0, duplicated: 0 };
  for (const place of places) {
    const count = (name: string): number => Number(place[name]);
    const parts = ["stored", "duplicated", "undecodable", "excluded"].map(count);
    const sum = parts.reduce((left, right) => left + right, 0);
    if (sum !== count("pulled") || Math.min(...parts) < 0) problems.push(JSON.stringify(place));
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += count(name);
  }
  const [stored, kept] = [
    (await numbers(database, "SELECT seq AS n FROM message")).length,
    (await numbers(database, "SELECT seq AS n FROM undecodable WHERE resolved_at_ms IS NULL"))
      .length,
  ];
  if (sums.stored !== stored) problems.push(`${sums.stored} stored booked, ${stored} there`);
  if (sums.undecodable !== kept) problems.push(`${sums.undecodable} kept booked, ${kept} there`);
  return {
    invariant: "the books balance: pulled = stored + duplicate + undecodable + excluded",
    problems,
    seen: `${sums.pulled} pulled, ${sums.duplicated} of them duplicates`,
  };
}

function theCursorNeverWentBack({ cursors }: Look): Verdict {
  const problems = cursors.flatMap((seq, index) => {
    const before = cursors[index - 1] ?? 0;
    return seq < before ? [`from ${before} to ${seq}`] : [];
  });
  return { invariant: "the cursor never went back", problems, seen: `${cursors.length} looks` };
}

function theServersLived({ stage, exitCodes }: Look): Verdict {
  const problems = stage.servers.flatMap(({ name, failures }) =>
    failures.map((failure) => `${name} ${failure}`),
  );
  const bad = exitCodes.filter((code) => code !== 0);
  if (bad.length > 0) problems.push(`ended with ${bad.join(", ")} when asked to`);
  return {
    invariant: "no server ended by itself, and each ends in peace when asked to",
    problems,
    seen: `${stage.servers.length} servers`,
  };
}

async function numbers(database: Database, sql: string): Promise<number[]> {
  const rows = await database.read.query<{ n: string | number }[]>(sql);
  return rows.map(({ n }) => Number(n));
}

/** What is missing, what is too much, and what is there twice. */
function differ<T>(what: string, expected: readonly T[], found: readonly T[]): string[] {
  const wanted = new Set(expected);
  const there = new Set(found);
  const list = (name: string, items: readonly T[]): string[] =>
    items.length === 0
      ? []
      : [`${what}: ${items.length} ${name}, such as ${items.slice(0, SHOWN).join(", ")}`];
  return [
    ...list(
      "missing",
      expected.filter((one) => !there.has(one)),
    ),
    ...list(
      "that nobody expects",
      found.filter((one) => !wanted.has(one)),
    ),
    ...list(
      "twice",
      found.filter((one, index) => found.indexOf(one) !== index),
    ),
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
