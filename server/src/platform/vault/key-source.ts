import { existsSync, readFileSync } from "node:fs";
import axios from "axios";
import { createSecretFile, replaceSecretFile } from "../secret-file.ts";
import type { Secret } from "../secret.ts";
import { createKey, linesOf, parseKeys, toKey } from "./key-encryption-key.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";

/** Where the key encryption keys lie. A process reads them when it starts and when it meets one that it lacks. */
export interface KeySource {
  kind: "file" | "environment" | "kms";
  /** Every key that is there; none when there is no file yet. Throws when it cannot be read. */
  load(): Promise<KeyEncryptionKey[]>;
  /** Makes one more and keeps it before it returns; null where only a person can do that. */
  add(): Promise<KeyEncryptionKey | null>;
  /** False where only a person can do that. */
  remove(id: string): Promise<boolean>;
}

export interface KeySettings {
  file: string;
  /** 64 hexadecimal digits each, comma separated; goes before the file. */
  keys: Secret | null;
  /** Then the file holds the keys only as the service has wrapped them. */
  kms: { url: string; token: Secret } | null;
}

export function createKeySource({ file, keys, kms }: KeySettings): KeySource {
  if (keys) return environmentSource(keys);
  return kms ? fileSource("kms", file, kmsLines(kms)) : fileSource("file", file, plainLines);
}

/** Whoever sets the environment keeps the keys; nothing in here can change it. */
function environmentSource(keys: Secret): KeySource {
  return {
    kind: "environment",
    load: () => Promise.resolve(parseKeys(keys.reveal())),
    add: () => Promise.resolve(null),
    remove: () => Promise.resolve(false),
  };
}

/** How a key stands in a line of the file. */
interface Lines {
  read(line: string): Promise<KeyEncryptionKey>;
  write(key: KeyEncryptionKey): Promise<string>;
}

const plainLines: Lines = {
  read: (line) => Promise.resolve(parseKeys(line)[0] as KeyEncryptionKey),
  write: ({ key }) => Promise.resolve(key.toString("hex")),
};

const WRAPPED = "kms:";
const TIMEOUT_MS = 5000;

/**
 * A key management service by two calls, each a POST of JSON with a bearer secret: `<url>/wrap` takes
 * `{"plaintext"}` and answers `{"ciphertext"}`, `<url>/unwrap` the other way round, both in Base64. The services of
 * Tencent and Aliyun sign their calls each in a way of its own; a small gateway in front of them speaks this.
 */
function kmsLines({ url, token }: { url: string; token: Secret }): Lines {
  async function call(path: "wrap" | "unwrap", body: Record<string, string>): Promise<unknown> {
    const { data } = await axios.post<unknown>(`${url}/${path}`, body, {
      headers: { authorization: `Bearer ${token.reveal()}` },
      timeout: TIMEOUT_MS,
      maxRedirects: 0,
      maxContentLength: 16_384,
    });
    return data;
  }
  const field = (data: unknown, name: string): string => {
    const value = (data as Record<string, unknown> | null)?.[name];
    if (typeof value !== "string") throw new Error(`the key service answered without ${name}`);
    return value;
  };
  return {
    async read(line) {
      if (!line.startsWith(WRAPPED)) throw new Error(`a line of the key file lacks ${WRAPPED}`);
      const answer = await call("unwrap", { ciphertext: line.slice(WRAPPED.length) });
      return toKey(Buffer.from(field(answer, "plaintext"), "base64"));
    },
    async write({ key }) {
      const answer = await call("wrap", { plaintext: key.toString("base64") });
      return WRAPPED + field(answer, "ciphertext");
    },
  };
}

function fileSource(kind: "file" | "kms", file: string, lines: Lines): KeySource {
  const read = (): string[] => (existsSync(file) ? linesOf(readFileSync(file, "utf8")) : []);
  const replace = (kept: readonly string[]): void =>
    replaceSecretFile(file, kept.map((line) => `${line}\n`).join(""));

  async function load(): Promise<KeyEncryptionKey[]> {
    return await Promise.all(read().map((line) => lines.read(line)));
  }

  return {
    kind,
    load,
    async add() {
      const made = createKey();
      const line = await lines.write(made);
      if (existsSync(file)) {
        replace([...read(), line]);
        return made;
      }
      createSecretFile(file, `${line}\n`);
      // Of two first starts at once one has made the file.
      return (await load())[0] ?? null;
    },
    async remove(id) {
      const kept: string[] = [];
      for (const line of read()) if ((await lines.read(line)).id !== id) kept.push(line);
      replace(kept);
      return true;
    },
  };
}
