import { legalBasisNames } from "#shared/contract/evidence";
import { canonicalJson } from "../../platform/ledger/canonical-json.ts";
import type { CanonicalObject, CanonicalValue } from "../../platform/ledger/canonical-json.ts";
import { fingerprint, recordOfEntry } from "../../platform/ledger/ledger.ts";
import { signNote } from "../../platform/ledger/note.ts";
import type { SigningKey } from "../../platform/ledger/signing-key.ts";
import { measure } from "../../platform/checksum.ts";
import type { Measures } from "../../platform/checksum.ts";
import type { ZipEntry } from "../../platform/stored-zip.ts";
import type { ProvenMessage } from "../archive/proven-messages.ts";
import type { PackageCounts, PackageMedia, PackageParts } from "./package-parts.ts";
import { renderReport } from "./report.ts";

/** Named in the manifest and in what is signed; `server/evidence/verify.*` know no other. */
export const PACKAGE_FORMAT = "wecom-guard-evidence/1";

/** Files that are the same in every package: both verifiers and how to use them. */
export type CommonFiles = ReadonlyMap<string, Buffer>;

export interface PackageFiles {
  entries: ZipEntry[];
  counts: PackageCounts;
}

interface MeasuredFile {
  name: string;
  measures: Measures;
  read: ZipEntry["read"];
}

/** All files of a package, the manifest last, since it names the others by their hashes. */
export async function makePackageFiles(
  parts: PackageParts,
  common: CommonFiles,
  key: SigningKey,
  onProgress: (share: number) => Promise<void>,
): Promise<PackageFiles> {
  const media: MeasuredFile[] = [];
  for (const [index, one] of parts.media.entries()) {
    media.push(await measureMedia(one));
    await onProgress((index + 1) / parts.media.length);
  }
  const { messages } = parts;
  const counts = {
    messages: messages.filter(({ form }) => form === "whole").length,
    outlines: messages.filter(({ form }) => form === "outline").length,
    gone: messages.filter(({ form }) => form === "gone").length,
    media: media.length,
    custody: parts.trail.length,
  };
  const texts = [
    ["messages.jsonl", linesOf(messages.map((one) => messageRecord(one, parts.media, media)))],
    ["custody.jsonl", linesOf(parts.trail.map(trailRecord))],
    ["checkpoint.txt", parts.head.note],
    ["consistency.json", lineOf(consistencyRecord(parts))],
    ["consents.json", lineOf({ consents: parts.consents.map((one) => ({ ...one })) })],
    ["gaps.json", lineOf(gapsRecord(parts))],
    [
      "env.json",
      lineOf({
        facts: { ...parts.system.facts },
        health: parts.system.health.map((line) => ({ ...line })),
      }),
    ],
    ["report.html", renderReport(parts, counts)],
  ] as const;
  const files = await Promise.all([
    ...texts.map(([name, text]) => inMemory(name, Buffer.from(text))),
    ...[...common].map(([name, bytes]) => inMemory(name, bytes)),
    ...(parts.published?.stamp ? [inMemory("stamp.tsr", parts.published.stamp)] : []),
  ]);
  files.push(...media);
  const manifest = lineOf(manifestRecord(parts, counts, files, key));
  const seal = signNote(`${PACKAGE_FORMAT}\n${key.name}\n${fingerprint(manifest)}\n`, key);
  files.push(await inMemory("manifest.json", Buffer.from(manifest)));
  files.push(await inMemory("manifest.sig", Buffer.from(seal)));
  return {
    entries: files.map(({ name, measures, read }) => ({
      name,
      size: measures.bytes,
      crc32: measures.crc32,
      read,
    })),
    counts,
  };
}

async function inMemory(name: string, bytes: Buffer): Promise<MeasuredFile> {
  return { name, measures: await measure([bytes]), read: () => [bytes] };
}

async function measureMedia({ name, file }: PackageMedia): Promise<MeasuredFile> {
  const read = () => file.stream(0, file.size);
  return { name, measures: await measure(read()), read };
}

function lineOf(value: CanonicalValue): string {
  return `${canonicalJson(value)}\n`;
}

function linesOf(values: readonly CanonicalValue[]): string {
  return values.map(lineOf).join("");
}

function messageRecord(
  one: ProvenMessage,
  media: readonly PackageMedia[],
  measured: readonly MeasuredFile[],
): CanonicalObject {
  if (one.form === "gone") return { ordinal: one.ordinal, gone: "destroyed" };
  const { ordinal, sentAtMs, position, proof } = one;
  const proven = { ordinal, sentAtMs, position, proof };
  if (one.form === "outline") {
    return { ...proven, contentHash: one.contentHash, outlineSalt: one.outlineSalt };
  }
  const { seq, msgId, keyVersion, receivedAtMs, json } = one.message;
  const own = media.flatMap((file, index) => {
    if (file.seq !== seq) return [];
    // WeCom tells the MD5 of most files in the message; only those are bound to what is on record.
    const md5 = measured[index]?.measures.md5 ?? "";
    return [{ file: file.name, isBound: json.toLowerCase().includes(md5) }];
  });
  return {
    ...proven,
    content: { seq, msgId, keyVersion, receivedAtMs, json },
    salt: one.salt,
    ...(own.length > 0 && { media: own }),
  };
}

function trailRecord({ position, proof, note, ...entry }: PackageParts["trail"][number]) {
  return { entry: recordOfEntry(entry), position, proof, note };
}

function consistencyRecord({ published }: PackageParts): CanonicalObject {
  if (!published) return { published: null, proof: [] };
  const { note, publishedAtMs, proof } = published;
  return { published: { note, publishedAtMs }, proof };
}

function gapsRecord({ messages, missingMedia, unopenedItems }: PackageParts): CanonicalObject {
  return {
    destroyedOrdinals: messages.flatMap(({ form, ordinal }) => (form === "gone" ? [ordinal] : [])),
    missingFiles: missingMedia.map((one) => ({ ...one })),
    unopenedItemsInWholeArchive: unopenedItems,
  };
}

function manifestRecord(
  { order, builtAtMs, extent, names, head }: PackageParts,
  counts: PackageCounts,
  files: readonly MeasuredFile[],
  key: SigningKey,
): CanonicalObject {
  const person = (id: string) => ({ id, name: names.get(id) ?? id });
  const { range } = order;
  return {
    format: PACKAGE_FORMAT,
    id: order.id,
    case: order.caseId,
    purpose: order.purpose,
    legalBasis: legalBasisNames[order.legalBasis],
    requestedBy: { ...person(order.requestedBy), atMs: order.requestedAtMs },
    approvedBy: { ...person(order.approvedBy), atMs: order.approvedAtMs },
    builtAtMs,
    timeZone: "Asia/Shanghai",
    ledger: { origin: key.name, publicKey: key.publicKey.toString("base64"), size: head.size },
    selection: {
      conversation: range.conversationId,
      fromMs: range.fromMs,
      toMs: range.toMs,
      total: extent.total,
    },
    counts: { ...counts },
    files: Object.fromEntries(
      files.map(({ name, measures: { bytes, sha256 } }) => [name, { bytes, sha256 }]),
    ),
  };
}
