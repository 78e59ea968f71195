#!/usr/bin/env node
// Verifies evidence packages: node verify.mjs [--key <指纹>] <包.zip 或解压后的文件夹> …
// Needs nothing but Node (20.15 or newer). It shares no code with the product or with verify.py, so that a mistake in
// one of them shows as a difference. What each file holds is written down in README.zh.md of the package.
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";

const FORMAT = "wecom-guard-evidence/1";
const REQUIRED = [
  "README.zh.md",
  "checkpoint.txt",
  "consents.json",
  "consistency.json",
  "custody.jsonl",
  "env.json",
  "gaps.json",
  "manifest.json",
  "manifest.sig",
  "messages.jsonl",
  "report.html",
  "verify.mjs",
  "verify.py",
];

/** What is wrong with one package, in sentences that name the place; `facts` is what to read when nothing is. */
export function verifyPackage(files, expectedKey) {
  const problems = [];
  const facts = [];
  try {
    check(files, expectedKey, { fail: (where, what) => problems.push(`${where}：${what}`), facts });
  } catch (error) {
    problems.push(sayTrouble(error, "包"));
  }
  return { problems, facts };
}

/** Nothing that stands behind it can be checked. */
class Unreadable extends Error {}

/** Of what has an unexpected shape, the machine's own words are of no use. */
function sayTrouble(error, where) {
  return error instanceof Unreadable ? error.message : `${where}：结构与规定的不同，无法核验`;
}

function check(files, expectedKey, { fail, facts }) {
  for (const name of REQUIRED) if (!files.has(name)) throw new Unreadable(`${name}：文件缺失`);
  const manifest = readJson(files, "manifest.json");
  const { origin, publicKey } = manifest.ledger ?? {};
  const key = openKey(origin, publicKey);
  const fingerprint = sha256(key.bytes).toString("hex");
  if (expectedKey !== undefined && expectedKey.toLowerCase() !== fingerprint) {
    fail("manifest.json", `签名公钥不是指定的那一把，包里的指纹是 ${fingerprint}`);
  }
  checkSeal(files, manifest, key, fail);
  checkFiles(files, manifest, fail);
  const head = openCheckpoint(files.get("checkpoint.txt").toString(), key);
  if (!head) throw new Unreadable("checkpoint.txt：校验值的签名不成立");
  const counts = checkMessages(files, manifest, head, fail);
  counts.custody = checkCustody(files, head, fail);
  for (const name of Object.keys({ ...counts, ...manifest.counts })) {
    if (counts[name] !== manifest.counts?.[name]) {
      fail("manifest.json", `${name} 应为 ${counts[name]}，清单写的是 ${manifest.counts?.[name]}`);
    }
  }
  const published = checkConsistency(files, head, key, fail);
  facts.push(
    `公钥指纹 ${fingerprint}（请与公司对外公布的、或每日校验消息里的指纹核对）`,
    `消息 ${counts.messages} 条，范围外只证明时间的 ${counts.outlines} 条，已销毁的 ${counts.gone} 条，文件 ${counts.media} 个，查看与处理记录 ${counts.custody} 条`,
    `留痕校验值：共 ${head.size} 条记录，根 ${head.root.toString("base64")}`,
    published,
  );
}

/** The manifest's own signature; it names every other file by its hash. */
function checkSeal(files, manifest, key, fail) {
  if (manifest.format !== FORMAT) throw new Unreadable("manifest.json：不认识的格式");
  const text = openNote(files.get("manifest.sig").toString(), key);
  const hash = sha256(files.get("manifest.json")).toString("hex");
  if (text !== `${FORMAT}\n${manifest.ledger.origin}\n${hash}\n`) {
    fail("manifest.sig", "清单 manifest.json 的签名不成立，清单或签名被改动过");
  }
}

function checkFiles(files, { files: listed = {} }, fail) {
  for (const [name, bytes] of files) {
    if (name === "manifest.json" || name === "manifest.sig") continue;
    const said = Object.hasOwn(listed, name) ? listed[name] : undefined;
    if (!said) fail(name, "清单里没有这个文件");
    else if (said.bytes !== bytes.length || said.sha256 !== sha256(bytes).toString("hex")) {
      fail(name, "内容与清单记载的不一致，被改动过");
    }
  }
  for (const name of Object.keys(listed)) if (!files.has(name)) fail(name, "文件缺失");
}

/** Every message of the conversation within the range is there, as it was recorded, in its order, and no other. */
function checkMessages(files, { selection }, head, fail) {
  const counts = { messages: 0, outlines: 0, gone: 0, media: 0 };
  const { conversation, fromMs, toMs, total } = selection ?? {};
  const mediaFiles = new Set([...files.keys()].filter((name) => name.startsWith("media/")));
  let [ordinal, position] = [null, -1];
  const records = eachLine(files, "messages.jsonl", checkRecord);
  for (const name of mediaFiles) fail(name, "没有消息引用这个文件");
  checkEdges(records, total, fail);
  return counts;

  function checkRecord(where, record) {
    ordinal ??= record.ordinal;
    if (record.ordinal !== ordinal)
      fail(
        where,
        `会话内序号应为 ${ordinal}，这里是 ${record.ordinal}：有消息缺失、多余或换了位置`,
      );
    ordinal = record.ordinal + 1;
    if (record.gone !== undefined) {
      counts.gone += 1;
      return;
    }
    const isInside = record.sentAtMs >= fromMs && record.sentAtMs < toMs;
    const isWhole = record.content !== undefined;
    if (isInside !== isWhole)
      fail(where, isInside ? "在所选时间内，却没有内容" : "不在所选时间内，却带有内容");
    counts[isWhole ? "messages" : "outlines"] += 1;
    if (!(record.position > position)) fail(where, "在留痕记录中的位置没有递增，次序被改动过");
    position = record.position;
    if (!isIncluded(messageLeaf(conversation, record), record, head)) {
      fail(where, `会话内第 ${record.ordinal} 条消息与留痕记录不符，被改动过`);
    }
    for (const media of record.media ?? []) {
      counts.media += 1;
      if (!mediaFiles.delete(media.file)) fail(where, `文件 ${media.file} 缺失或被重复引用`);
      else if (media.isBound && !names(record.content.json, files.get(media.file))) {
        fail(media.file, "不是消息里说的那个文件");
      }
    }
  }
}

/** Outside of the range stands a neighbour that says so, or nothing because the conversation begins or ends there. */
function checkEdges(records, total, fail) {
  const [first, last] = [records[0], records.at(-1)];
  if (!first || !last) return fail("messages.jsonl", "没有任何消息");
  if (first.value.ordinal !== 1 && first.value.content)
    fail(first.where, "之前的消息缺失：不是会话的第一条，也没有范围外的前一条");
  if (last.value.ordinal !== total && last.value.content)
    fail(last.where, "之后的消息缺失：不是会话的最后一条，也没有范围外的后一条");
  return undefined;
}

function messageLeaf(conversation, { ordinal, sentAtMs, content, salt, contentHash, outlineSalt }) {
  const whole = content !== undefined;
  const secret = bytesOf(whole ? salt : outlineSalt);
  const outline = {
    conversation,
    ordinal,
    sentAtMs,
    content: whole ? salted(secret, content) : contentHash,
  };
  const outlineKey = whole ? sha256(secret, Buffer.from("outline")) : secret;
  return leafOf({ v: 1, kind: "message", commitment: salted(outlineKey, outline) });
}

/** WeCom says a file's MD5 in the message itself. */
function names(json, bytes) {
  const md5 = createHash("md5").update(bytes).digest("hex");
  return json.toLowerCase().includes(md5);
}

/** Who read, decided and exported. */
function checkCustody(files, head, fail) {
  let position = -1;
  const records = eachLine(files, "custody.jsonl", (where, value) => {
    if (!(value.position > position)) fail(where, "在留痕记录中的位置没有递增，次序被改动过");
    position = value.position;
    if (!isIncluded(leafOf(value.entry), value, head)) fail(where, "与留痕记录不符，被改动过");
  });
  return records.length;
}

/** The head that people were given earlier belongs to the same history. */
function checkConsistency(files, head, key, fail) {
  const { published, proof } = readJson(files, "consistency.json");
  if (!published) return "还没有向人员公布过校验值，所以无法与更早的校验值核对";
  const old = openCheckpoint(published.note, key);
  if (!old) fail("consistency.json", "公布过的校验值的签名不成立");
  else if (!isConsistent(old, head, proof.map(bytesOf))) {
    fail("consistency.json", "公布过的校验值与这次的不是同一份记录，历史被改动过");
  }
  const stamp = files.get("stamp.tsr");
  if (stamp && !stamp.includes(sha256(Buffer.from(published.note)))) {
    fail("stamp.tsr", "时间戳不是给公布过的校验值的");
  }
  return `与 ${new Date(published.publishedAtMs).toISOString()} 公布的校验值一致${stamp ? "，该校验值有可信时间戳（用 openssl ts -verify 核验，见 README）" : ""}`;
}

// ── RFC 6962 / RFC 9162

function leafOf(record) {
  return sha256(Buffer.from([0]), Buffer.from(canonical(record)));
}

function nodeOf(left, right) {
  return sha256(Buffer.from([1]), left, right);
}

function isIncluded(leaf, { position, proof }, { size, root }) {
  if (!Number.isSafeInteger(position) || position < 0 || position >= size || !Array.isArray(proof))
    return false;
  let [node, last, hash] = [BigInt(position), BigInt(size - 1), leaf];
  for (const sibling of proof.map(bytesOf)) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      hash = nodeOf(sibling, hash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else hash = nodeOf(hash, sibling);
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && hash.equals(root);
}

function isConsistent(old, head, proof) {
  if (old.size > head.size || old.size === 0) return false;
  if (old.size === head.size) return proof.length === 0 && old.root.equals(head.root);
  let [node, last] = [BigInt(old.size) - 1n, BigInt(head.size) - 1n];
  while (node % 2n === 1n) [node, last] = [node >> 1n, last >> 1n];
  const path = node === 0n ? [old.root, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  let [oldHash, newHash] = [first, first];
  for (const sibling of path) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      [oldHash, newHash] = [nodeOf(sibling, oldHash), nodeOf(sibling, newHash)];
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else newHash = nodeOf(newHash, sibling);
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && oldHash.equals(old.root) && newHash.equals(head.root);
}

// ── Signed notes (C2SP), Ed25519

function openKey(origin, publicKey) {
  const bytes = Buffer.from(String(publicKey), "base64");
  if (
    bytes.length !== 32 ||
    bytes.toString("base64") !== publicKey ||
    !/^\S+$/.test(origin ?? "")
  ) {
    throw new Unreadable("manifest.json：没有可用的公钥");
  }
  const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") };
  const hint = sha256(Buffer.from(`${origin}\n`), Buffer.from([1]), bytes).subarray(0, 4);
  return { name: origin, bytes, hint, verifier: createPublicKey({ key: jwk, format: "jwk" }) };
}

/** The text that was signed; null when it was not signed by this key. */
function openNote(note, key) {
  const [, text, name, sealed] = /^([^]+\n)\n— (\S+) (\S+)\n$/.exec(note) ?? [];
  if (text === undefined || name !== key.name) return null;
  const signature = Buffer.from(sealed, "base64");
  if (signature.toString("base64") !== sealed || !signature.subarray(0, 4).equals(key.hint))
    return null;
  return verifySignature(null, Buffer.from(text), key.verifier, signature.subarray(4))
    ? text
    : null;
}

function openCheckpoint(note, key) {
  const text = openNote(note, key);
  const [, origin, size, root] = /^(\S+)\n(0|[1-9]\d{0,15})\n(\S+)\n$/.exec(text ?? "") ?? [];
  if (origin !== key.name) return null;
  return { size: Number(size), root: Buffer.from(root, "base64") };
}

// ── Reading

function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function salted(salt, record) {
  return sha256(salt, Buffer.from(canonical(record))).toString("hex");
}

/** Hashes and salts are 32 bytes in lower-case hexadecimal; anything else hashes to nothing that fits. */
function bytesOf(hex) {
  return /^[0-9a-f]{64}$/.test(hex) ? Buffer.from(hex, "hex") : Buffer.alloc(0);
}

/** The one text of a value: names in order, no white space, whole numbers only. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) return "?";
  return JSON.stringify(value) ?? "?";
}

function parse(text, where) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable(`${where}：无法读取，被改动过`);
  }
  if (typeof value !== "object" || value === null || canonical(value) !== text) {
    throw new Unreadable(`${where}：写法与规定的不同，被改动过`);
  }
  return value;
}

function readJson(files, name) {
  const [text, ...rest] = files.get(name).toString().split("\n");
  if (rest.length !== 1 || rest[0] !== "") throw new Unreadable(`${name}：应只有一行`);
  return parse(text, name);
}

/** Each line as one record, handed to `use` with its place. */
function eachLine(files, name, use) {
  const lines = files.get(name).toString().split("\n");
  if (lines.pop() !== "") throw new Unreadable(`${name}：最后一行不完整`);
  return lines.map((text, index) => {
    const where = `${name} 第 ${index + 1} 行`;
    const value = parse(text, where);
    try {
      use(where, value);
    } catch (error) {
      throw new Unreadable(sayTrouble(error, where));
    }
    return { where, value };
  });
}

/** Name → bytes, of a zip or an unpacked folder. */
export function readPackage(path) {
  if (!statSync(path).isDirectory()) return readZip(readFileSync(path));
  const names = readdirSync(path, { recursive: true }).map((name) => name.split("\\").join("/"));
  const found = names.filter((name) => statSync(join(path, name)).isFile()).sort();
  return new Map(found.map((name) => [name, readFileSync(join(path, name))]));
}

/** Every byte of the container is determined by names and contents, and is compared with what it must be. */
export function readZip(zip) {
  const files = new Map();
  const directory = [];
  let at = 0;
  while (at + 30 <= zip.length && zip.readUInt32LE(at) === 0x04034b50) {
    const [size, nameLength] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const name = zip.toString("latin1", at + 30, at + 30 + nameLength);
    const bytes = zip.subarray(at + 30 + nameLength, at + 30 + nameLength + size);
    const fields = fieldsOf(name, bytes);
    const header = Buffer.concat([
      Buffer.from("504b0304", "hex"),
      fields,
      Buffer.from(name, "latin1"),
    ]);
    if (!header.equals(zip.subarray(at, at + 30 + nameLength)))
      throw new Unreadable(`${name}：压缩包里的这个文件被改动过`);
    if (files.size > 0 && [...files.keys()].at(-1) >= name)
      throw new Unreadable(`${name}：压缩包里的文件次序不对`);
    files.set(name, bytes);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("504b01021400", "hex"), fields, rest, Buffer.from(name, "latin1"));
    at += 30 + nameLength + size;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  for (const place of [8, 10]) end.writeUInt16LE(files.size, place);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  if (!Buffer.concat([central, end]).equals(zip.subarray(at)))
    throw new Unreadable("压缩包目录：被改动过，或压缩包不完整");
  return files;
}

/** What local header and directory say alike: stored, UTF-8, 1980-01-01, no extra field. */
function fieldsOf(name, bytes) {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20);
  fields.writeUInt16LE(0x0800, 2);
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  for (const place of [14, 18]) fields.writeUInt32LE(bytes.length, place);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

/** Reads and verifies; what cannot be read is a problem like any other. */
export function verifyPath(path, expectedKey) {
  try {
    return verifyPackage(readPackage(path), expectedKey);
  } catch (error) {
    return { problems: [sayTrouble(error, "包")], facts: [] };
  }
}

function main(args) {
  const at = args.indexOf("--key");
  const [, expectedKey] = at < 0 ? [] : args.splice(at, 2);
  const paths = args.length > 0 ? args : [dirname(fileURLToPath(import.meta.url))];
  let failed = 0;
  for (const path of paths) {
    const { problems, facts } = verifyPath(path, expectedKey);
    failed += problems.length > 0 ? 1 : 0;
    console.log(`${problems.length > 0 ? "不通过" : "通过"} ${path}`);
    for (const line of problems.length > 0 ? problems : facts) console.log(`  ${line}`);
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  main(process.argv.slice(2));
