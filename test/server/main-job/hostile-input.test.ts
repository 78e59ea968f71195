import { gzipSync } from "node:zlib";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { settle, twoTeams } from "../../support/main-job-world.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

/** In place of every id in an address. */
const hostileIds = [
  "__proto__",
  "constructor",
  "' OR 1=1 -- ",
  "../../etc/passwd",
  "a\u0000b",
  "\ud800",
  "9".repeat(400),
  "<img src=x onerror=alert(1)>",
  "%",
];

const hostileQueries = [
  "cursor=a&cursor=b",
  "cursor[]=a&state[$ne]=x",
  "__proto__=x&constructor=y",
  "state=waiting';DROP TABLE message;--&fromMs=NaN&toMs=1e999&memberId=%00",
  "departmentId=-1&kind=__proto__&before=-9&after=1e99&limit=-1&hasHit=perhaps",
];

const deep = (levels: number): string => '{"of":'.repeat(levels) + "1" + "}".repeat(levels);

/** JSON that nobody meant, as it goes over the wire. */
const hostileBodies = [
  "",
  "null",
  "[]",
  "0",
  '"text"',
  "{",
  '{"__proto__":{"isAdmin":true,"permissions":["rule.write"]}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"isAdmin":true,"roles":["system_admin"],"memberId":"liuyang","id":"x","state":"approved"}',
  '{"text":["a"],"purpose":{"$gt":""},"decision":["handled"],"reason":{"toString":1},"note":[]}',
  '{"text":{"length":1e9},"days":{"customer":-1e308},"seqs":[1e308,-1,"1",null],"seqs2":{}}',
  '{"text":"\\ud800","purpose":"\\u0000\\u0000\\u0000\\u0000","reason":"\\ud83d","title":"\\udfff"}',
  deep(5_000),
  `[${deep(500)}]`,
];

forEachDatabase("hostile input", (open) => {
  let company: RunningCompany;
  let people: WebClient[];

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), databaseUrl: open.url() });
    await settle(company);
    people = await Promise.all(
      ["chenli", "zhangwei", "liuyang"].map((id) => signIn(company.twin, id)),
    );
  });
  afterAll(() => company.close());

  const routes = () => company.product.routes.table;
  const changes = () => routes().filter(({ method }) => method !== "get");
  const addressWith = (path: string, id: string): string =>
    path.replaceAll(/:\w+/g, () => encode(id));

  /** The status alone: an answer that stays open is let go. */
  async function statusOf(
    person: WebClient,
    path: string,
    init: { method?: string; body?: string },
  ): Promise<number> {
    const headers = { "x-requested-with": "wecom-guard", "content-type": "application/json" };
    const answer = await person.send(path, { ...init, headers });
    await answer.body?.cancel();
    return answer.status;
  }

  /** What everyone gets there that is neither an answer nor a refusal. */
  async function brokenFor(
    path: string,
    init: { method?: string; body?: string },
    isBroken: (status: number) => boolean,
  ): Promise<string[]> {
    const statuses = await Promise.all(people.map((person) => statusOf(person, path, init)));
    return statuses.filter(isBroken).map((status) => `${status} ${init.method ?? "GET"} ${path}`);
  }

  it.each(hostileIds)("in an address breaks no route: %j", async (id) => {
    const broken: string[] = [];
    for (const { method, path } of routes().filter(({ path: one }) => one.includes(":"))) {
      const init = method === "get" ? {} : { method: method.toUpperCase(), body: "{}" };
      const isBroken = (status: number): boolean => status < 400 || status >= 500;
      broken.push(...(await brokenFor(addressWith(path, id), init, isBroken)));
    }
    expect(broken).toEqual([]);
  });

  it.each(hostileQueries)("in a query breaks no route: %s", async (query) => {
    const broken: string[] = [];
    for (const { path } of routes().filter(({ method }) => method === "get")) {
      const asked = `${addressWith(path, "x")}?${query}`;
      broken.push(...(await brokenFor(asked, {}, (status) => status >= 500)));
    }
    expect(broken).toEqual([]);
  });

  it.each(hostileBodies.map((body) => [body.slice(0, 60), body]))(
    "in a body breaks no route: %s",
    async (_start, body) => {
      const broken: string[] = [];
      for (const { method, path } of changes().filter((one) => one.path !== "/api/session/end")) {
        const init = { method: method.toUpperCase(), body };
        broken.push(...(await brokenFor(addressWith(path, "x"), init, (status) => status >= 500)));
      }
      expect(broken).toEqual([]);
    },
  );

  it("has given nobody a right", async () => {
    expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
    const [sales] = people;
    const { body } = await sales!.get("/api/session");
    expect(body).toMatchObject({ roles: ["salesperson"], permissions: ["own.use"] });
    expect((await sales!.get("/api/admin/rules")).status).toBe(403);
  });

  it("from another site's page changes nothing, whatever the route", async () => {
    const [, , admin] = people;
    const own = { "x-requested-with": "wecom-guard", "content-type": "application/json" };
    const forgeries: Record<string, string>[] = [
      { "content-type": "text/plain" },
      { "content-type": "application/x-www-form-urlencoded" },
      { ...own, origin: "https://evil.example" },
      { ...own, origin: "null" },
      { ...own, "sec-fetch-site": "cross-site" },
      { ...own, "sec-fetch-site": "same-site" },
    ];
    for (const { method, path } of changes()) {
      for (const headers of forgeries) {
        const init = { method: method.toUpperCase(), body: "{}", headers };
        const answer = await admin!.send(addressWith(path, "x"), init);
        expect([path, answer.status, await answer.json()]).toEqual([
          path,
          403,
          expect.objectContaining({ code: "forged_request" }),
        ]);
      }
    }
    expect((await admin!.get("/api/session")).status).toBe(200);
  });

  it("gets no answer without a session, on any route", async () => {
    for (const { method, path } of routes()) {
      const init =
        method === "get"
          ? {}
          : { method: method.toUpperCase(), body: "{}", headers: { "x-requested-with": "x" } };
      const answer = await fetch(`${company.appUrl}${addressWith(path, "x")}`, init);
      expect([path, answer.status]).toEqual([path, 401]);
    }
  });

  it("that is too long is refused before it is held, packed or not", async () => {
    const [sales] = people;
    const path = "/api/sidebar/drafts/check";
    const headers = { "x-requested-with": "wecom-guard", "content-type": "application/json" };
    const long = JSON.stringify({ text: "长".repeat(400_000) });
    const plain = await sales!.send(path, { method: "POST", body: long, headers });
    expect(plain.status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const packed = { ...headers, "content-encoding": "gzip" };
    const before = process.memoryUsage().rss;
    const unpacked = await sales!.send(path, { method: "POST", body: bomb, headers: packed });
    expect(unpacked.status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });

  it("in Host and forwarding headers leads nobody away", async () => {
    for (const headers of [
      { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" },
      { forwarded: "host=evil.example" },
      { "x-original-url": "/api/admin/rules" },
    ]) {
      const answer = await fetch(`${company.appUrl}/sign-in?returnTo=/sidebar/`, {
        headers,
        redirect: "manual",
      });
      const text = `${answer.headers.get("location")} ${await answer.text()}`;
      expect(answer.status).toBe(303);
      expect(text).not.toContain("evil.example");
    }
  });
});

/** As a client would that does not care what it sends. */
function encode(id: string): string {
  return /[\ud800-\udfff]/.test(id) ? "%ED%A0%80" : encodeURIComponent(id);
}
