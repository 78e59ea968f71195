import { createHash, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { canonicalJson } from "../../../server/src/platform/ledger/canonical-json.ts";
import type { CanonicalValue } from "../../../server/src/platform/ledger/canonical-json.ts";
import { signNote } from "../../../server/src/platform/ledger/note.ts";
import { signingKeyOf } from "../../../server/src/platform/ledger/signing-key.ts";
import type { SigningKey } from "../../../server/src/platform/ledger/signing-key.ts";
import { writeStoredZip } from "../../../server/src/platform/stored-zip.ts";
import { withAttachments } from "../../simulator/company/attachments.ts";
import { CHAT, settle, twoTeams, VIOLATION } from "../../support/main-job-world.ts";
import { seededRandom } from "../../support/random.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import {
  appoint,
  ledgerKeyPem,
  makePackage,
  unzip,
  verifierNames,
  verify,
} from "./evidence-world.ts";

type Files = Map<string, Buffer>;
type Line = Record<string, CanonicalValue>;

interface Manifest {
  format: string;
  ledger: { origin: string; publicKey: string };
  selection: object;
  counts: Record<string, number>;
  files: Record<string, { bytes: number; sha256: string }>;
}

interface Mutant {
  what: string;
  zip: Buffer;
  /** What both verifiers must name; null where any place will do. */
  names: string | null;
}

const random = seededRandom(20_261_123);
const pick = <T>(list: readonly T[]): T => list[random.int(0, list.length - 1)]!;
const TOGETHER = 100;

describe("a package of evidence that somebody has changed", () => {
  let company: RunningCompany;
  let folder: string;
  let zip: Buffer;
  let files: Files;
  let key: SigningKey;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mutants-"));
    company = await startCompany({ company: withAttachments(twoTeams()), notifyIntervalMs: 20 });
    for (const text of [VIOLATION, VIOLATION, "好的"]) {
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
    }
    await settle(company);
    // People have been given a head, so that consistency is to be shown.
    await company.product.database.write((tx) =>
      company.product.jobs.enqueue(tx, "ledger.publish", {}),
    );
    await company.product.jobs.idle();
    ({ zip } = await makePackage(await appoint(company)));
    files = unzip(zip);
    const { ledger } = JSON.parse(files.get("manifest.json")!.toString()) as Manifest;
    key = signingKeyOf(createPrivateKey(ledgerKeyPem(company)), ledger.origin);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await company.close();
  });

  /** Both verifiers refuse each of them and name its place. */
  async function expectRefused(mutants: readonly Mutant[]): Promise<void> {
    for (let from = 0; from < mutants.length; from += TOGETHER) {
      const some = mutants.slice(from, from + TOGETHER);
      const paths = some.map((mutant, n) => {
        const path = join(folder, `${n}.zip`);
        writeFileSync(path, mutant.zip);
        return path;
      });
      for (const name of verifierNames) {
        const verdicts = await verify(name, paths, key.fingerprint);
        expect(verdicts).toHaveLength(some.length);
        for (const [n, { what, names }] of some.entries()) {
          const { passed, lines } = verdicts[n]!;
          const isNamed = names === null || lines.some((line) => line.includes(names));
          expect({ name, what, passed, isNamed, lines }).toEqual({
            name,
            what,
            passed: false,
            isNamed: true,
            lines,
          });
        }
      }
    }
  }

  it("passes as long as nobody has, zipped again or unpacked", async () => {
    const path = join(folder, "unpacked");
    for (const [name, bytes] of files) {
      mkdirSync(join(path, name, ".."), { recursive: true });
      writeFileSync(join(path, name), bytes);
    }
    const again = join(folder, "again.zip");
    writeFileSync(again, await zipOf(resigned(files, key)));
    expect(await zipOf(files)).toEqual(zip);
    for (const name of verifierNames) {
      const verdicts = await verify(name, [path, again], key.fingerprint);
      expect(verdicts.map(({ passed }) => passed)).toEqual([true, true]);
    }
  });

  it("is refused with any one byte flipped (400 of them)", async () => {
    const mutants = Array.from({ length: 400 }, (): Mutant => {
      const [at, bit] = [random.int(0, zip.length - 1), random.int(0, 7)];
      const flipped = Buffer.from(zip);
      flipped[at]! ^= 1 << bit;
      return { what: `bit ${bit} of byte ${at}`, zip: flipped, names: null };
    });
    await expectRefused(mutants);
  });

  it("is refused, and the file named, with a record or a file changed (200)", async () => {
    const mutants: Mutant[] = [];
    for (let n = 0; n < 200; n += 1) {
      const name = pick([...files.keys()].filter((one) => !one.startsWith("manifest")));
      const changed = new Map(files);
      const how = pick(["drop", "change", "add"] as const);
      if (how === "drop") changed.delete(name);
      else if (how === "add") changed.set(`${name}x`, Buffer.from("x"));
      else changed.set(name, flip(files.get(name)!));
      const names = how === "add" ? `${name}x` : name;
      mutants.push({ what: `${how} ${name}`, zip: await zipOf(changed), names });
    }
    await expectRefused(mutants);
  });

  it("is refused, and the line named, even when an insider with the key has signed it again (300)", async () => {
    const mutants: Mutant[] = [];
    while (mutants.length < 300) {
      const name = pick(["messages.jsonl", "messages.jsonl", "custody.jsonl"]);
      const change = pick(lineChanges);
      const lines = linesOf(files, name);
      const at = random.int(0, lines.length - 2);
      const changed = change.of(lines, at, name);
      if (!changed) continue;
      const text = changed.map((line) => `${canonicalJson(line)}\n`).join("");
      const signed = resigned(new Map(files).set(name, Buffer.from(text)), key);
      mutants.push({ what: `${change.name} ${name} ${at}`, zip: await zipOf(signed), names: name });
    }
    await expectRefused(mutants);
  });

  it("is refused when its edges are cut off, its range moved or its heads exchanged by an insider (50)", async () => {
    const mutants: Mutant[] = [];
    for (let n = 0; n < 50; n += 1) {
      const changed = new Map(files);
      const kind = pick(["head", "tail", "checkpoint", "published", "range"] as const);
      const lines = linesOf(files, "messages.jsonl");
      const cut = random.int(1, lines.length - 1);
      if (kind === "head") changed.set("messages.jsonl", textOf(lines.slice(cut)));
      if (kind === "tail") changed.set("messages.jsonl", textOf(lines.slice(0, cut)));
      if (kind === "checkpoint") {
        const [origin, size, ...rest] = files.get("checkpoint.txt")!.toString().split("\n");
        const note = [origin, String(Number(size) + n + 1), rest[0], ""].join("\n");
        changed.set("checkpoint.txt", Buffer.from(signNote(note, key)));
      }
      if (kind === "published") {
        const record = JSON.parse(files.get("consistency.json")!.toString()) as {
          published: { note: string };
        };
        const root = createHash("sha256").update(`${n}`).digest("base64");
        const size = Number(record.published.note.split("\n")[1]);
        record.published.note = signNote(`${key.name}\n${size}\n${root}\n`, key);
        changed.set(
          "consistency.json",
          Buffer.from(`${canonicalJson(record as unknown as Line)}\n`),
        );
      }
      const narrow = kind === "range" ? { toMs: Number(lines[cut]!["sentAtMs"]) } : {};
      const names = { head: "messages", tail: "messages", range: "messages" } as const;
      // Which records a moved head contradicts hangs on how far it was moved.
      const others = { checkpoint: ".jsonl 第", published: "consistency.json" } as const;
      mutants.push({
        what: kind,
        zip: await zipOf(resigned(changed, key, narrow)),
        names: { ...names, ...others }[kind],
      });
    }
    await expectRefused(mutants);
  });

  it("is refused when a stranger has signed it again (50)", async () => {
    const mutants: Mutant[] = [];
    for (let n = 0; n < 50; n += 1) {
      const stranger = signingKeyOf(generateKeyPairSync("ed25519").privateKey, key.name);
      const signed = resigned(files, stranger);
      mutants.push({ what: `stranger ${n}`, zip: await zipOf(signed), names: "manifest.json" });
    }
    await expectRefused(mutants);
  });
});

interface LineChange {
  name: string;
  /** Undefined where it cannot be done. */
  of(lines: Line[], at: number, file: string): Line[] | undefined;
}

const lineChanges: LineChange[] = [
  {
    name: "drop",
    // Of acts nobody can prove that there were no others; the manifest counts them.
    of: (lines, at, file) =>
      file === "custody.jsonl" ? undefined : lines.filter((_, n) => n !== at),
  },
  { name: "repeat", of: (lines, at) => [...lines.slice(0, at + 1), ...lines.slice(at)] },
  {
    name: "swap",
    of: (lines, at) => [...lines.slice(0, at), lines[at + 1]!, lines[at]!, ...lines.slice(at + 2)],
  },
  {
    name: "change a number of",
    of(lines, at) {
      const record = structuredClone(lines[at]!);
      const inner = (record["content"] ?? record["entry"]) as Line;
      const places = [record, inner].flatMap((one) =>
        Object.keys(one).flatMap((name) => (typeof one[name] === "number" ? [{ one, name }] : [])),
      );
      const { one, name } = pick(places);
      one[name] = Number(one[name]) + pick([-1, 1, 7]);
      return lines.with(at, record);
    },
  },
  {
    name: "change a text of",
    of(lines, at) {
      const record = structuredClone(lines[at]!);
      const inner = (record["content"] ?? record["entry"]) as Line;
      const name = pick(Object.keys(inner).filter((one) => typeof inner[one] === "string"));
      inner[name] = `${inner[name] as string}.`;
      return lines.with(at, record);
    },
  },
  {
    name: "change the proof of",
    of(lines, at) {
      const record = structuredClone(lines[at]!);
      const proof = record["proof"] as string[];
      const n = random.int(0, proof.length - 1);
      proof[n] = proof[n]!.replace(/.$/, (end) => (end === "0" ? "1" : "0"));
      return lines.with(at, record);
    },
  },
];

function linesOf(files: Files, name: string): Line[] {
  return files
    .get(name)!
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function textOf(lines: readonly Line[]): Buffer {
  return Buffer.from(lines.map((line) => `${canonicalJson(line)}\n`).join(""));
}

function flip(bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[random.int(0, bytes.length - 1)]! ^= 1 << random.int(0, 7);
  return flipped;
}

/** As somebody makes it who has the key: hashes, counts and signatures fit what is in it now. */
function resigned(files: Files, key: SigningKey, selection: object = {}): Files {
  const signed = new Map(files);
  const manifest = JSON.parse(files.get("manifest.json")!.toString()) as Manifest;
  manifest.ledger.publicKey = key.publicKey.toString("base64");
  Object.assign(manifest.selection, selection);
  const lines = linesOf(files, "messages.jsonl");
  manifest.counts["messages"] = lines.filter((line) => "content" in line).length;
  manifest.counts["media"] = lines.flatMap(
    (line) => (line["media"] as string[] | undefined) ?? [],
  ).length;
  manifest.counts["custody"] = linesOf(files, "custody.jsonl").length;
  for (const [name, bytes] of files) {
    if (!(name in manifest.files)) continue;
    manifest.files[name] = { bytes: bytes.length, sha256: sha256(bytes) };
  }
  const text = `${canonicalJson(manifest as unknown as Line)}\n`;
  signed.set("manifest.json", Buffer.from(text));
  const statement = `${manifest.format}\n${key.name}\n${sha256(Buffer.from(text))}\n`;
  signed.set("manifest.sig", Buffer.from(signNote(statement, key)));
  return signed;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function zipOf(files: Files): Promise<Buffer> {
  const entries = [...files].map(([name, bytes]) => ({
    name,
    size: bytes.length,
    crc32: crc32(bytes),
    read: () => [bytes],
  }));
  const pieces: Buffer[] = [];
  for await (const piece of writeStoredZip(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}
