import { z } from "zod";
import { admin, createTestApi, pageHeaders } from "../../support/test-api.ts";

const type = "application/x-test";
const maxBytes = 1000;

describe("a route that takes a file", () => {
  const api = createTestApi((routes) => {
    const spec = { file: { type, maxBytes }, response: z.object({ bytes: z.number() }) };
    routes.post("/api/file", { allow: "rule.write", ...spec }, ({ file }) =>
      Promise.resolve({ bytes: file.length }),
    );
  });
  const send = (bytes: number, headers: Record<string, string> = {}) =>
    api
      .send(admin, "post", "/api/file")
      .set({ ...pageHeaders, "content-type": type, ...headers })
      .serialize((body: unknown) => body as string)
      .send("x".repeat(bytes));

  it("gets its bytes", async () => {
    const { body } = (await send(100).expect(200)) as { body: { bytes: number } };
    // What the caller's library adds is part of it.
    expect(body.bytes).toBeGreaterThanOrEqual(100);
  });

  it("refuses what is too large, of another type, packed or forged", async () => {
    await send(maxBytes + 1).expect(413);
    await send(10, { "content-type": "text/csv" }).expect(400);
    await send(10, { "content-encoding": "gzip" }).expect(400);
    await send(10, { "x-requested-with": "" }).expect(403, /forged_request/);
  });
});
