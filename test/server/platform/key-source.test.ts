import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../../server/src/platform/secret.ts";
import { createKeySource } from "../../../server/src/platform/vault/key-source.ts";
import type { KeySource } from "../../../server/src/platform/vault/key-source.ts";

/** The calls that a new key file takes. */
const calls = ["mkdirSync", "writeFileSync", "linkSync", "openSync", "fsyncSync"] as const;

let folder: string;
const file = (): string => join(folder, "keys", "vault.key");
const fileSource = (): KeySource => createKeySource({ file: file(), keys: null, kms: null });

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "vault-key-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

describe("the vault's key file", () => {
  it("is made for its owner alone, grows by a key and loses one", async () => {
    const source = fileSource();
    expect(await source.load()).toEqual([]);
    const first = await source.add();
    expect(fs.statSync(file()).mode & 0o777).toBe(0o400);
    const second = await source.add();
    expect(await fileSource().load()).toEqual([first, second]);
    expect(fs.statSync(file()).mode & 0o777).toBe(0o400);
    expect(await source.remove(first!.id)).toBe(true);
    expect(await source.load()).toEqual([second]);
    expect(fs.readdirSync(join(folder, "keys"))).toEqual(["vault.key"]);
  });

  it("refuses half a key", async () => {
    fs.mkdirSync(join(folder, "keys"));
    fs.writeFileSync(file(), "abc");
    await expect(fileSource().load()).rejects.toThrow("64 hexadecimal digits");
  });

  it("is the other's when two make it at once", async () => {
    const link = fs.linkSync;
    const others = Buffer.alloc(32, 7).toString("hex");
    jest.spyOn(fs, "linkSync").mockImplementationOnce((from, to) => {
      fs.writeFileSync(to, `${others}\n`);
      link(from, to);
    });
    expect((await fileSource().add())?.key.toString("hex")).toBe(others);
  });

  it.each(calls)(
    "is whole or not there when %s fails in the middle, and the next start makes it",
    async (name) => {
      jest.spyOn(fs, name).mockImplementationOnce((...given: unknown[]) => {
        // As far as a full disk lets it come.
        if (name === "writeFileSync") fs.appendFileSync(String(given[0]), "0123");
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      });
      await expect(fileSource().add()).rejects.toThrow("full");
      const left = await fileSource().load();
      expect(left.length).toBeLessThanOrEqual(1);
      const made = await fileSource().add();
      expect(await fileSource().load()).toEqual([...left, made]);
    },
  );
});

describe("keys in the environment", () => {
  it("are read and never changed", async () => {
    const [one, two] = ["11", "22"].map((byte) => byte.repeat(32));
    const keys = new Secret(`${one},${two}`);
    const source = createKeySource({ file: file(), keys, kms: null });
    expect((await source.load()).map(({ key }) => key.toString("hex"))).toEqual([one, two]);
    expect(await source.add()).toBeNull();
    expect(await source.remove("x")).toBe(false);
    expect(fs.existsSync(file())).toBe(false);
  });
});

describe("a key service", () => {
  /** Wraps by turning every byte over, for whoever knows the token. */
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    request.on("end", () => {
      const [from, to] =
        request.url === "/wrap" ? ["plaintext", "ciphertext"] : ["ciphertext", "plaintext"];
      const bytes = Buffer.from((JSON.parse(text) as Record<string, string>)[from]!, "base64");
      const isKnown = request.headers.authorization === "Bearer right";
      response.writeHead(isKnown ? 200 : 403, { "content-type": "application/json" });
      response.end(
        isKnown
          ? JSON.stringify({ [to]: Buffer.from(bytes.map((byte) => ~byte)).toString("base64") })
          : "{}",
      );
    });
  });
  beforeAll(() => new Promise<void>((done) => void server.listen(0, "127.0.0.1", done)));
  afterAll(() => new Promise((done) => server.close(done)));

  const kmsSource = (token: string): KeySource => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return createKeySource({ file: file(), keys: null, kms: { url, token: new Secret(token) } });
  };

  it("opens what lies in the file, which alone opens nothing", async () => {
    const made = await kmsSource("right").add();
    expect(fs.readFileSync(file(), "utf8")).not.toContain(made!.key.toString("hex"));
    expect(await kmsSource("right").load()).toEqual([made]);
    await expect(fileSource().load()).rejects.toThrow();
  });

  it("is needed: refused or with another kind of line nothing is opened", async () => {
    await kmsSource("right").add();
    const refused: unknown = await kmsSource("wrong")
      .load()
      .catch((error: unknown) => error);
    expect(String(refused)).toContain("403");
    fs.rmSync(file());
    await fileSource().add();
    await expect(kmsSource("right").load()).rejects.toThrow("kms:");
  });
});
