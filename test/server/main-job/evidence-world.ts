import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ApprovalList } from "#shared/contract/approval";
import type { EvidenceView } from "#shared/contract/evidence";
import type { GrantableRole } from "#shared/contract/access";
import { AccessGrant } from "../../../server/src/features/access/grant.entity.ts";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import { eventually } from "../../support/eventually.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

export const CONVERSATION = `s:chenli:${CUSTOMER}`;

/** Gives a role over the whole company, as the access feature does at the end of its own procedure. */
export async function grant(
  { product }: RunningCompany,
  memberId: string,
  role: GrantableRole,
): Promise<void> {
  await product.database.write((tx) =>
    tx.insert(AccessGrant, {
      id: `${memberId}-${role}`,
      memberId,
      role,
      departmentIds: null,
      acceptedRisk: false,
      state: "active",
      grantedBy: "system",
      grantedAtMs: Date.now(),
      endedAtMs: null,
    }),
  );
}

export interface EvidencePeople {
  /** Asks for packages. */
  legal: WebClient;
  /** Says yes to them. */
  officer: WebClient;
}

/** 徐杰 from the legal department and 林晓燕, who protects personal data. */
export async function appoint(company: RunningCompany): Promise<EvidencePeople> {
  await grant(company, "xujie", "legal");
  await grant(company, "linxiaoyan", "data_protection_officer");
  const [legal, officer] = [
    await signIn(company.twin, "xujie"),
    await signIn(company.twin, "linxiaoyan"),
  ];
  return { legal, officer };
}

export const WISH = {
  conversationId: CONVERSATION,
  fromDay: "2020-01-01",
  toDay: "2040-01-01",
  purpose: "客户投诉，准备仲裁材料",
  legalBasis: "dispute",
} as const;

/** From the wish to the finished zip, through the routes. */
export async function makePackage(
  { legal, officer }: EvidencePeople,
  wish: object = {},
): Promise<{ view: EvidenceView; zip: Buffer }> {
  const asked = await legal.post<EvidenceView>("/api/evidence", { ...WISH, ...wish });
  if (asked.status !== 201) throw new Error(`not taken: ${asked.status} ${asked.text}`);
  await approve(officer, asked.body.id);
  const view = await finished(legal, asked.body.id);
  if (view.state !== "ready") throw new Error(`not built: ${JSON.stringify(view)}`);
  const answer = await legal.fetch(`/api/evidence/${view.id}/package`);
  return { view, zip: Buffer.from(await answer.arrayBuffer()) };
}

export async function approve(officer: WebClient, packageId: string): Promise<void> {
  const { body } = await officer.get<ApprovalList>("/api/approvals?state=waiting");
  for (const { id, kind } of body.approvals) {
    if (kind !== "evidence.export") continue;
    const answer = await officer.post(`/api/approvals/${id}/decision`, { decision: "approved" });
    if (answer.status !== 200) throw new Error(`${packageId} not approved: ${answer.text}`);
  }
}

export async function finished(client: WebClient, id: string): Promise<EvidenceView> {
  const look = async () => (await client.get<EvidenceView>(`/api/evidence/${id}`)).body;
  return await eventually(look, ({ state }) => state === "ready" || state === "failed", 30_000);
}

/** Files of a package by their names. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
    const [size, length] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const start = at + 30 + length;
    files.set(zip.toString("ascii", at + 30, start), zip.subarray(start, start + size));
    at = start + size;
  }
  return files;
}

/** What a verifier said of each package, in order: whether it passed, and its lines. */
export interface Verdict {
  passed: boolean;
  lines: string[];
}

const verifiers = {
  node: [process.execPath, resolve("server/evidence/verify.mjs")],
  python: ["python3", resolve("server/evidence/verify.py")],
} as const;
export const verifierNames = ["node", "python"] as const;

/** One process of the verifier for all of them. */
export async function verify(
  name: keyof typeof verifiers,
  paths: readonly string[],
  key?: string,
): Promise<Verdict[]> {
  const [program, script] = verifiers[name];
  const args = [script, ...(key === undefined ? [] : ["--key", key]), ...paths];
  const output = await new Promise<string>((done, reject) => {
    execFile(program, args, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      // 1: something did not pass.
      if (error && error.code !== 1) reject(new Error(`${name}: ${error.message}`));
      else if (stderr !== "") reject(new Error(stderr));
      else done(stdout);
    });
  });
  const verdicts: Verdict[] = [];
  for (const line of output.split("\n")) {
    if (/^(通过|不通过) /.test(line)) {
      verdicts.push({ passed: line.startsWith("通过"), lines: [] });
    } else if (line !== "") verdicts.at(-1)?.lines.push(line.trim());
  }
  return verdicts;
}

export function ledgerKeyPem({ dataDir }: RunningCompany): string {
  return readFileSync(join(dataDir, "ledger.key"), "utf8");
}
