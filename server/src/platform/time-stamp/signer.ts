import { constants, createHash, verify } from "node:crypto";
import type { X509Certificate } from "node:crypto";
import { childrenOf, contentOf, context, OCTETS, oidOf, SEQUENCE, SET } from "./der.ts";
import type { Der } from "./der.ts";
import { StampError } from "./stamp-error.ts";

/** What was signed: the statement on a time (RFC 3161, 2.4.2). */
export const TST_INFO = "1.2.840.113549.1.9.16.1.4";

export interface Token {
  /** TSTInfo as it was signed. */
  info: Buffer;
  certificates: X509Certificate[];
  signer: Der;
}

/** Hashes that an authority may sign with. SHA-1 is not among them. */
const hashes: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** Signature algorithm → its hash; null: the one of the digest. */
const signatures: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.1": null,
  "1.2.840.113549.1.1.10": null,
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};
const RSA_PSS = "1.2.840.113549.1.1.10";

const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const MAX_CHAIN = 8;

const wrong = (detail: string): StampError => new StampError("wrong_signature", detail);
const untrusted = (detail: string): StampError => new StampError("untrusted", detail);

/** That the token was signed by a time-stamping authority which is trusted; returns its name. */
export function checkSigner(
  { info, certificates, signer }: Token,
  { atMs, trusted }: { atMs: number; trusted: readonly X509Certificate[] },
): string {
  const [, , digest, signed, algorithm, signature] = childrenOf(signer, SEQUENCE);
  const hash = hashes[oidOf(digest && childrenOf(digest, SEQUENCE)[0])];
  if (hash === undefined || !signed || !algorithm) throw wrong("signed with an unknown hash");
  const attributes = readAttributes(signed);
  if (oidOf(attributes.get(CONTENT_TYPE)) !== TST_INFO) throw wrong("signed as something else");
  const said = contentOf(attributes.get(MESSAGE_DIGEST), OCTETS);
  if (!createHash(hash).update(info).digest().equals(said))
    throw wrong("another content was signed");
  const certificate = namedIn(attributes, certificates);
  checkSignature(certificate, hash, { signed, algorithm, signature: contentOf(signature, OCTETS) });
  // Node names the extended uses so; without any, contrary to its types, it has none.
  const uses = certificate.keyUsage as readonly string[] | undefined;
  if (uses?.length !== 1 || uses[0] !== TIME_STAMPING)
    throw untrusted("the certificate is not one for time stamps");
  checkChain(certificate, [...certificates, ...trusted], { atMs, trusted });
  return /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1] ?? certificate.subject;
}

/** The signed attributes by their names, each there once. */
function readAttributes(signed: Der): Map<string, Der> {
  const attributes = new Map<string, Der>();
  for (const attribute of childrenOf(signed, context(0))) {
    const [name, values] = childrenOf(attribute, SEQUENCE);
    const [value, ...more] = values ? childrenOf(values, SET) : [];
    const key = oidOf(name);
    if (!value || more.length > 0 || attributes.has(key)) throw wrong("attributes are ambiguous");
    attributes.set(key, value);
  }
  return attributes;
}

/** The certificate that the signature itself names, so that no other can be put in its place. */
function namedIn(
  attributes: ReadonlyMap<string, Der>,
  certificates: readonly X509Certificate[],
): X509Certificate {
  const isOne = readNamed(attributes);
  const found = certificates.find(({ raw }) => isOne(raw));
  if (!found) throw wrong("the signer's certificate is not in the answer");
  return found;
}

function readNamed(attributes: ReadonlyMap<string, Der>): (raw: Buffer) => boolean {
  const second = attributes.get(SIGNING_CERTIFICATE_V2);
  const attribute = second ?? attributes.get(SIGNING_CERTIFICATE);
  const list = attribute && childrenOf(attribute, SEQUENCE)[0];
  const first = list && childrenOf(list, SEQUENCE)[0];
  if (!first) throw wrong("no certificate is named");
  const parts = childrenOf(first, SEQUENCE);
  const named = second && parts[0]?.tag === SEQUENCE ? childrenOf(parts[0], SEQUENCE)[0] : null;
  // The older form always names it by SHA-1; the newer one by SHA-256 unless it says another.
  const hash = second ? (named ? hashes[oidOf(named)] : "sha256") : "sha1";
  if (hash === undefined) throw wrong("the certificate is named by an unknown hash");
  const wanted = contentOf(named ? parts[1] : parts[0], OCTETS);
  return (raw) => createHash(hash).update(raw).digest().equals(wanted);
}

function checkSignature(
  { publicKey }: X509Certificate,
  digest: string,
  { signed, algorithm, signature }: { signed: Der; algorithm: Der; signature: Buffer },
): void {
  const oid = oidOf(childrenOf(algorithm, SEQUENCE)[0]);
  const hash = signatures[oid];
  if (hash === undefined) throw wrong("signed with an unknown algorithm");
  // What is signed is the set itself, not the place where it stands.
  const bytes = Buffer.concat([Buffer.from([SET]), signed.whole.subarray(1)]);
  const key =
    oid === RSA_PSS
      ? {
          key: publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_AUTO,
        }
      : publicKey;
  if (!verify(hash ?? digest, bytes, key, signature)) throw wrong("the signature does not hold");
}

/** From the signer up to a certificate that is trusted, each valid at that time. */
function checkChain(
  signer: X509Certificate,
  known: readonly X509Certificate[],
  { atMs, trusted }: { atMs: number; trusted: readonly X509Certificate[] },
): void {
  const anchors = new Set(trusted.map(({ fingerprint256 }) => fingerprint256));
  let at = signer;
  for (let step = 0; step < MAX_CHAIN; step += 1) {
    const isValid = Date.parse(at.validFrom) <= atMs && atMs <= Date.parse(at.validTo);
    if (!isValid) throw untrusted("a certificate was not valid at that time");
    if (anchors.has(at.fingerprint256)) return;
    const issuer = known.find(
      (one) => one.ca && at.checkIssued(one) && at.verify(one.publicKey) && one !== at,
    );
    if (!issuer || issuer.fingerprint256 === at.fingerprint256) break;
    at = issuer;
  }
  throw untrusted("the certificate leads to none that is trusted");
}
