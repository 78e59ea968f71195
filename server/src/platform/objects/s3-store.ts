import { open, readFile, stat } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { CompletedPart } from "@aws-sdk/client-s3";
import type { Secret } from "../secret.ts";
import { MissingObjectError } from "./object-store.ts";
import type { ObjectStore } from "./object-store.ts";

export interface S3Options {
  bucket: string;
  /** Null for Amazon's own. */
  endpoint: string | null;
  region: string;
  /** The bucket stands in the path and not in the host's name. */
  usesPathStyle: boolean;
  accessKeyId: string;
  secretAccessKey: Secret;
}

/** S3's own least for all parts but the last is 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Any store that speaks S3: Tencent COS, Aliyun OSS, Ceph, SeaweedFS, Amazon. */
export function createS3Store(options: S3Options): ObjectStore {
  const { bucket: Bucket, endpoint, secretAccessKey } = options;
  const client = new S3Client({
    region: options.region,
    forcePathStyle: options.usesPathStyle,
    credentials: {
      accessKeyId: options.accessKeyId,
      secretAccessKey: secretAccessKey.reveal(),
    },
    ...(endpoint === null ? {} : { endpoint }),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    // Newer checksums are Amazon's own; other stores refuse them. What is stored authenticates itself.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });

  async function uploadParts(
    upload: { Bucket: string; Key: string; UploadId: string | undefined },
    file: string,
    size: number,
  ): Promise<CompletedPart[]> {
    const parts: CompletedPart[] = [];
    const handle = await open(file);
    try {
      for (let start = 0; start < size; start += PART_BYTES) {
        const Body = Buffer.alloc(Math.min(PART_BYTES, size - start));
        await handle.read(Body, 0, Body.length, start);
        const PartNumber = parts.length + 1;
        const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
        parts.push({ PartNumber, ETag });
      }
    } finally {
      await handle.close();
    }
    return parts;
  }

  /** A large file in parts, so that one lost packet does not cost all of it. */
  async function putInParts(Key: string, file: string, size: number): Promise<void> {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const upload = { Bucket, Key, UploadId };
    try {
      const Parts = await uploadParts(upload, file, size);
      await client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
      );
    } catch (error) {
      // Parts that belong to nothing cost money. When this fails as well, the bucket's own rule removes them.
      await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  return {
    async put(name, file) {
      const { size } = await stat(file);
      if (size > PART_BYTES) await putInParts(name, file, size);
      else
        await client.send(new PutObjectCommand({ Bucket, Key: name, Body: await readFile(file) }));
    },

    async read(name, start, end) {
      const Range = `bytes=${start}-${end - 1}`;
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: name, Range }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        throw error instanceof NoSuchKey ? new MissingObjectError(name) : error;
      }
    },

    async delete(name) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: name }));
    },

    async check() {
      await client.send(new HeadBucketCommand({ Bucket }));
    },

    close: () => client.destroy(),
  };
}
