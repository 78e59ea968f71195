import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFolderStore } from "../../../server/src/platform/objects/folder-store.ts";
import { MissingObjectError } from "../../../server/src/platform/objects/object-store.ts";
import type { ObjectStore } from "../../../server/src/platform/objects/object-store.ts";
import { createS3Store } from "../../../server/src/platform/objects/s3-store.ts";
import { Secret } from "../../../server/src/platform/secret.ts";
import { seededRandom } from "../../support/random.ts";
import { startS3Fake } from "../../support/s3-fake.ts";
import type { S3Fake } from "../../support/s3-fake.ts";

const MIB = 1024 * 1024;
const random = seededRandom(7);
let folder: string;
let fake: S3Fake;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "objects-"));
  fake = await startS3Fake();
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await fake.close();
});

const openS3 = (over: object = {}): ObjectStore =>
  createS3Store({
    bucket: fake.bucket,
    endpoint: fake.url,
    region: "us-east-1",
    usesPathStyle: true,
    accessKeyId: "key-id",
    secretAccessKey: new Secret("key"),
    ...over,
  });

/** A finished file on the way into the store. */
const fileOf = (bytes: Buffer): string => {
  const path = join(folder, "on-its-way");
  writeFileSync(path, bytes);
  return path;
};

describe.each<[string, () => ObjectStore]>([
  ["a folder", () => createFolderStore(join(folder, "objects"))],
  ["an S3 store", openS3],
])("%s", (_name, open) => {
  let store: ObjectStore;
  beforeEach(() => {
    store = open();
  });
  afterEach(() => store.close());

  it.each([1, 1000, 8 * MIB, 17 * MIB + 3])("keeps a file of %d bytes", async (size) => {
    const bytes = random.bytes(size);
    await store.put("000001/1234-0", fileOf(bytes));
    expect((await store.read("000001/1234-0", 0, size)).equals(bytes)).toBe(true);
    const middle = Math.floor(size / 2);
    const part = await store.read("000001/1234-0", middle, size);
    expect(part.equals(bytes.subarray(middle))).toBe(true);
  });

  it("replaces a file of the same name", async () => {
    await store.put("a/b", fileOf(Buffer.from("first")));
    await store.put("a/b", fileOf(Buffer.from("second")));
    expect((await store.read("a/b", 0, 6)).toString()).toBe("second");
  });

  it("forgets a file, also one that it has not", async () => {
    await store.put("a/b", fileOf(Buffer.from("x")));
    await store.delete("a/b");
    await store.delete("a/b");
    await expect(store.read("a/b", 0, 1)).rejects.toBeInstanceOf(MissingObjectError);
  });

  it("says that it works", async () => {
    await store.check();
  });
});

describe("a folder", () => {
  const onlyAsUser = process.getuid?.() === 0 ? it.skip : it;
  onlyAsUser("says when it may not be written to", async () => {
    chmodSync(folder, 0o500);
    await expect(createFolderStore(folder).check()).rejects.toThrow();
    chmodSync(folder, 0o700);
  });

  it("has the whole file or none, and no second copy", async () => {
    const store = createFolderStore(join(folder, "objects"));
    await store.put("a/b", fileOf(Buffer.from("x")));
    expect(readdirSync(folder)).toEqual(["objects"]);
    await expect(store.put("a/c", join(folder, "missing"))).rejects.toThrow();
    expect(readdirSync(join(folder, "objects", "a"))).toEqual(["b"]);
  });
});

describe("an S3 store", () => {
  it("gets a large file in parts, and a small one at once", async () => {
    const store = openS3();
    await store.put("small", fileOf(Buffer.alloc(MIB)));
    expect(fake.requests).toHaveLength(1);
    await store.put("large", fileOf(Buffer.alloc(20 * MIB)));
    const parts = fake.requests.filter((line) => line.includes("partNumber="));
    expect(parts).toHaveLength(3);
    expect(fake.openUploads()).toBe(0);
    store.close();
  });

  it("gives a large upload up that fails", async () => {
    const store = openS3();
    fake.failing = `PUT /${fake.bucket}/large?partNumber=2`;
    await expect(store.put("large", fileOf(Buffer.alloc(20 * MIB)))).rejects.toThrow();
    expect(fake.openUploads()).toBe(0);
    expect(fake.objects.size).toBe(0);
    // Each request is tried again before it counts as failed.
    expect(fake.requests.filter((line) => line.startsWith(fake.failing!)).length).toBeGreaterThan(
      1,
    );
    store.close();
  });

  it.each([
    ["another key", { accessKeyId: "stranger" }],
    ["another bucket", { bucket: "elsewhere" }],
  ])("says when it cannot be used: %s", async (_name, over) => {
    const store = openS3(over);
    await expect(store.check()).rejects.toThrow();
    await expect(store.put("a", fileOf(Buffer.from("x")))).rejects.toThrow();
    store.close();
  });
});
