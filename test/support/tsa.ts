import { execFileSync, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A time-stamping authority on this machine: openssl's, behind HTTP, and all the ways in which one may lie. */
export interface TestTsa {
  url: string;
  /** The root that its certificate leads to. */
  caFile: string;
  /** Instead of the honest answer; null: honest. */
  lie: ((query: Buffer, response: ServerResponse) => void) | null;
  asked: number;
  /** What an authority with this certificate answers. */
  answer(query: Buffer, as?: Signer): Buffer;
  /** An honest statement, signed with a certificate of the same root that is not one for time stamps. */
  forge(query: Buffer): Buffer;
  /** A question about something else, or with another nonce. */
  question(hash: Buffer, withNonce?: boolean): Buffer;
  /** Whether openssl itself takes the answer for a stamp on these bytes. */
  verify(answer: Buffer, data: Buffer | string): boolean;
  close(): Promise<void>;
}

/** Tests that need openssl's program are skipped by name without it. */
export const describeWithTsa =
  spawnSync("openssl", ["version"]).status === 0 ? describe : describe.skip;

export type Signer = "tsa" | "ec" | "stranger";

const extensions = `
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[tsa]
basicConstraints = CA:FALSE
extendedKeyUsage = critical,timeStamping
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[policy]
serial = SERIAL
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
signer_digest = sha256
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
`;

export async function startTsa(): Promise<TestTsa> {
  const folder = mkdtempSync(join(tmpdir(), "tsa-"));
  const at = (name: string): string => join(folder, name);
  const openssl = (...given: string[]): void => {
    execFileSync("openssl", given, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  writeFileSync(at("conf"), extensions.replace("SERIAL", at("serial")));
  writeFileSync(at("serial"), "01");
  const makeKey = (name: string, isEc = false): void =>
    isEc
      ? openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`)
      : openssl("genrsa", "-out", `${name}.key`, "2048");
  const makeRoot = (name: string): void => {
    makeKey(name);
    const request = [
      "-new",
      "-key",
      `${name}.key`,
      "-subj",
      `/CN=Root ${name}`,
      "-out",
      `${name}.csr`,
    ];
    openssl("req", ...request);
    sign(name, "ca", ["-signkey", `${name}.key`]);
  };
  const sign = (name: string, section: string, how: string[]): void =>
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, ...how, "-days", "2", "-extfile", "conf"],
      ...["-extensions", section, "-out", `${name}.pem`],
    );
  const makeSigner = (
    name: Signer | "server",
    root: string,
    section: string,
    isEc = false,
  ): void => {
    makeKey(name, isEc);
    openssl(
      "req",
      "-new",
      "-key",
      `${name}.key`,
      "-subj",
      `/CN=Test TSA ${name}`,
      "-out",
      `${name}.csr`,
    );
    sign(name, section, ["-CA", `${root}.pem`, "-CAkey", `${root}.key`, "-CAcreateserial"]);
  };
  makeRoot("root");
  makeRoot("other");
  makeSigner("tsa", "root", "tsa");
  makeSigner("ec", "root", "tsa", true);
  makeSigner("stranger", "other", "tsa");
  makeSigner("server", "root", "server");

  const tsa: TestTsa = {
    url: "",
    caFile: at("root.pem"),
    lie: null,
    asked: 0,
    answer(query, as = "tsa") {
      writeFileSync(at("query"), query);
      openssl(
        ...["ts", "-reply", "-config", "conf", "-section", "policy", "-queryfile", "query"],
        ...["-signer", `${as}.pem`, "-inkey", `${as}.key`, "-out", "answer"],
      );
      return readFileSync(at("answer"));
    },
    forge(query) {
      tsa.answer(query);
      openssl("ts", "-reply", "-in", "answer", "-token_out", "-out", "token");
      openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "info");
      openssl(
        ...["cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-in", "info"],
        ...["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-outform", "DER", "-out", "forged"],
        ...["-signer", "server.pem", "-inkey", "server.key"],
      );
      const granted = Buffer.from("3003020100", "hex");
      const body = Buffer.concat([granted, readFileSync(at("forged"))]);
      const head = Buffer.from([0x30, 0x82, body.length >> 8, body.length & 0xff]);
      return Buffer.concat([head, body]);
    },
    question(hash, withNonce = true) {
      const nonce = withNonce ? [] : ["-no_nonce"];
      openssl(
        ...["ts", "-query", "-digest", hash.toString("hex"), "-sha256", "-cert", ...nonce],
        ...["-out", "asked"],
      );
      return readFileSync(at("asked"));
    },
    verify(answer, data) {
      writeFileSync(at("data"), data);
      writeFileSync(at("stamp"), answer);
      try {
        openssl("ts", "-verify", "-data", "data", "-in", "stamp", "-CAfile", "root.pem");
        return true;
      } catch {
        return false;
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };

  const server = createServer((request, response) => void serve(request, response));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    tsa.asked += 1;
    const query = Buffer.concat(await request.toArray());
    if (tsa.lie) tsa.lie(query, response);
    else reply(response, tsa.answer(query));
  }
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  tsa.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`;
  return tsa;
}

export function reply(response: ServerResponse, answer: Buffer): void {
  response.writeHead(200, { "content-type": "application/timestamp-reply" });
  response.end(answer);
}
