import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseList, CaseView } from "#shared/contract/case";
import type { HealthView } from "#shared/contract/health";
import { placeOfBody } from "../../server/src/features/archive/sealed-places.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { parseKeys } from "../../server/src/platform/vault/key-encryption-key.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../server/src/platform/vault/vault.ts";
import type { PhoneItem } from "../simulator/client-contract.ts";
import type { Company, Member } from "../simulator/company/model.ts";
import { CUSTOMER, smallCompany } from "../simulator/testing/small-company.ts";
import type { Twin } from "../simulator/twin.ts";
import { eventually } from "./eventually.ts";
import type { RunningCompany } from "./running-company.ts";
import type { WebClient } from "./web-client.ts";

/** Breaks two rules of the starter set. */
export const VIOLATION = "这款理财保本保息，加我私人微信聊";

/** The chat of 陈丽 with 阿秀, as the twin names it. */
export const CHAT = `single:chenli:${CUSTOMER}`;

/**
 * The small company with a director above 陈丽's team lead and a second team beside it: 陈丽 → 张伟 → 周敏,
 * and 徐杰 → 林晓燕.
 */
export function twoTeams(): Company {
  const small = smallCompany();
  const departments = small.departments.map((one) =>
    one.id === 2 ? { ...one, leaderIds: ["zhoumin"] } : one,
  );
  const second = { id: 4, name: "二组", parentId: 1, leaderIds: ["linxiaoyan"] };
  return {
    ...small,
    departments: [...departments, second],
    members: [
      ...small.members,
      person("zhoumin", "周敏", 2, []),
      person("linxiaoyan", "林晓燕", 4, []),
      person("xujie", "徐杰", 4, ["linxiaoyan"]),
    ],
  };
}

function person(id: string, name: string, department: number, directLeaderIds: string[]): Member {
  return {
    id,
    name,
    departmentIds: [department],
    position: "销售",
    isLeader: directLeaderIds.length === 0,
    directLeaderIds,
    gender: 2,
    mobile: "",
  };
}

/** The template cards on a member's phone, oldest first. */
export function cardsOf(twin: Twin, memberId: string): PhoneItem[] {
  return twin.phone(memberId).filter(({ kind }) => kind === "template_card");
}

/** The one card of a member that quotes this, once it is there. */
export async function cardWith(twin: Twin, memberId: string, quote: string): Promise<PhoneItem> {
  const find = () => cardsOf(twin, memberId).filter(({ body }) => quoteOf(body).includes(quote));
  const [card] = await eventually(find, (cards) => cards.length > 0, 25_000);
  return card!;
}

function quoteOf(body: PhoneItem["body"]): string {
  return JSON.stringify(body);
}

/** Resolves when the product has passed all that is in the archive and done all that followed. */
export async function settle({ twin, product }: RunningCompany): Promise<void> {
  const { lastSeq } = twin.archiveState();
  const cursor = async () => {
    const rows = await product.database.read.query<{ seq: string | number }[]>(
      "SELECT seq FROM archive_cursor",
    );
    return Number(rows[0]?.seq ?? 0);
  };
  await eventually(cursor, (seq) => seq >= lastSeq, 40_000);
  await twin.settled();
  await product.jobs.idle();
}

/** Rows of one table, as many as match. */
export async function countRows(
  { product }: Pick<RunningCompany, "product">,
  table: string,
  where = "1 = 1",
): Promise<number> {
  const [row] = await product.database.read.query<{ n: string | number }[]>(
    `SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`,
  );
  return Number(row?.n);
}

/** The open and the decided cases that a manager sees on the first page. */
export async function casesOf(client: WebClient): Promise<CaseView[]> {
  const [open, decided] = await Promise.all(
    ["open", "decided"].map((state) => client.get<CaseList>(`/api/manager/cases?state=${state}`)),
  );
  return [...open!.body.cases, ...decided!.body.cases];
}

/** The case that quotes this, once it is there. */
export async function caseWith(client: WebClient, quote: string): Promise<CaseView> {
  const find = async () => (await casesOf(client)).find((one) => one.quote.includes(quote));
  return (await eventually(find, (found) => found !== undefined))!;
}

export async function healthLine(
  admin: WebClient,
  id: string,
): Promise<HealthView["lines"][number]> {
  const { body } = await admin.get<HealthView>("/api/admin/health");
  return body.lines.find((line) => line.id === id)!;
}

export interface CodeUse {
  /** Codes that changed a card, in order. */
  used: string[];
  /** Codes that were offered and not good any more. */
  refused: string[];
}

/** Notes every response code that the product offers from now on. */
export function watchCodes({ world: { phone } }: Twin): CodeUse {
  const use: CodeUse = { used: [], refused: [] };
  const original = phone.useResponseCode;
  phone.useResponseCode = (code) => {
    const msgid = original(code);
    use[msgid === undefined ? "refused" : "used"].push(code);
    return msgid;
  };
  return use;
}

/** Opens what the product has sealed, with its key file. */
export function openVault({ product, dataDir }: RunningCompany): Vault {
  const key = parseKeys(readFileSync(join(dataDir, "vault.key"), "utf8"))[0]!;
  return createVault(product.database, key, systemClock);
}

/** What the product keeps of the archive: seq → SHA-256 of the message's JSON, opened with the product's key. */
export async function storedHashes(company: RunningCompany): Promise<Map<number, string>> {
  const vault = openVault(company);
  const rows = await company.product.database.read.query<{ seq: string | number; body: Buffer }[]>(
    "SELECT seq, body FROM message ORDER BY seq",
  );
  const hashes = new Map<number, string>();
  for (const { seq, body } of rows) {
    hashes.set(Number(seq), sha256(await vault.openText(placeOfBody(Number(seq)), body)));
  }
  return hashes;
}

/** WeCom serves what is at most five days old. */
const SERVED_MS = 5 * 24 * 3600_000;

/** What the twin's archive serves, in the same form; without items that nobody can open. */
export function archivedHashes(twin: Twin): Map<number, string> {
  const oldestMs = Date.now() - SERVED_MS;
  const sound = twin
    .archiveItems()
    .filter(({ corrupt, atMs }) => corrupt === null && atMs > oldestMs);
  return new Map(sound.map(({ seq, plain }) => [seq, sha256(plain)]));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
