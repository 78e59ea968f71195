import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A store that speaks as much of S3 as the product does, over loopback; unsigned requests are refused. */
export interface S3Fake {
  url: string;
  bucket: string;
  objects: Map<string, Buffer>;
  /** `<method> <path and query>` of every request. */
  requests: string[];
  /** Uploads that were begun and neither completed nor given up. */
  openUploads(): number;
  /** Lets requests fail with 500 whose line begins so. */
  failing: string | null;
  close(): Promise<void>;
}

const SIGNED = /^AWS4-HMAC-SHA256 Credential=key-id\/\d{8}\/us-east-1\/s3\/aws4_request, /;

export async function startS3Fake(): Promise<S3Fake> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const bucket = "chat-media";
  const fake = { failing: null as string | null, requests: [] as string[] };

  async function answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? "/", "http://fake");
    const line = `${request.method ?? ""} ${request.url ?? ""}`;
    const body = await readAll(request);
    fake.requests.push(line);
    if (!SIGNED.test(request.headers.authorization ?? "")) return failure(403, "AccessDenied");
    if (fake.failing !== null && line.startsWith(fake.failing))
      return failure(500, "InternalError");
    if (!url.pathname.startsWith(`/${bucket}`)) return failure(404, "NoSuchBucket");
    const name = decodeURIComponent(url.pathname.slice(bucket.length + 2));
    const upload = url.searchParams.get("uploadId");
    if (name === "") return { status: 200 };
    if (url.searchParams.has("uploads")) return begin(name);
    if (upload !== null) return onUpload(request.method ?? "", { name, upload, url, body });
    return onObject(request, name, body);
  }

  function begin(name: string): Reply {
    const id = `u${uploads.size + 1}`;
    uploads.set(id, new Map());
    const inner = `<Bucket>${bucket}</Bucket><Key>${name}</Key><UploadId>${id}</UploadId>`;
    return xml("InitiateMultipartUploadResult", inner);
  }

  function onUpload(
    method: string,
    { name, upload, url, body }: { name: string; upload: string; url: URL; body: Buffer },
  ): Reply {
    const parts = uploads.get(upload);
    if (!parts) return failure(404, "NoSuchUpload");
    if (method === "PUT") {
      const number = Number(url.searchParams.get("partNumber"));
      parts.set(number, body);
      return { status: 200, headers: { ETag: `"part${number}"` } };
    }
    uploads.delete(upload);
    if (method === "DELETE") return { status: 204 };
    const numbers = [...body.toString("utf8").matchAll(/<PartNumber>(\d+)</g)].map((m) =>
      Number(m[1]),
    );
    const isSmall = numbers.slice(0, -1).some((n) => (parts.get(n)?.length ?? 0) < 5 * 1024 * 1024);
    if (isSmall) return failure(400, "EntityTooSmall");
    objects.set(name, Buffer.concat(numbers.map((n) => parts.get(n) ?? Buffer.alloc(0))));
    return xml("CompleteMultipartUploadResult", `<Key>${name}</Key>`);
  }

  function onObject(request: IncomingMessage, name: string, body: Buffer): Reply {
    if (request.method === "PUT") {
      objects.set(name, body);
      return { status: 200, headers: { ETag: '"whole"' } };
    }
    if (request.method === "DELETE") {
      objects.delete(name);
      return { status: 204 };
    }
    const object = objects.get(name);
    if (!object) return failure(404, "NoSuchKey");
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    return { status: 206, body: object.subarray(Number(from), Number(to) + 1) };
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    objects,
    openUploads: () => uploads.size,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

const failure = (status: number, code: string): Reply => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`,
});

const xml = (name: string, inner: string): Reply => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?><${name}>${inner}</${name}>`,
});

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
