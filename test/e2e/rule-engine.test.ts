/**
 * The rule engine in a real browser: the product's own modules there and the ones here, on one compiled buffer and
 * the same texts, must find the same; and a draft is judged at 强 without asking the server.
 */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import type { Browser, Page } from "playwright-core";
import { serializeRules } from "#shared/rules/compile";
import { loadRules } from "#shared/rules/compiled-rules";
import { explain } from "#shared/rules/explain";
import type { VariantStrength } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { starterRules } from "#shared/rules/starter-rules";
import { makeTexts, makeWords, toRule } from "../bench/rules.ts";
import { createRandom, perturbations } from "../shared/rules/evasion/perturb.ts";
import { describeInBrowser, launchBrowser, openPage } from "../support/browser.ts";

const built = join(process.cwd(), "dist/shared");
const manyWords = 10_000;
/** Times what it takes here; the bar in milliseconds is looked at on a quiet machine, where it is printed. */
const loadWithin = 5;
const rounds = 9;

/** What the product's modules give to the page. */
interface Engine {
  loadRules: typeof loadRules;
  scan: typeof scan;
  explain: typeof explain;
}

const pageOfModules = `<!doctype html><title>rules</title><script type="module">
  import { loadRules } from "/rules/compiled-rules.js";
  import { scan } from "/rules/scan.js";
  import { explain } from "/rules/explain.js";
  globalThis.engine = { loadRules, scan, explain };
</script>`;

/** What scripts of ours are in the browser: modules as the build left them, and a page that is allowed to run them. */
async function serveModules(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    if (path === "/") {
      response.setHeader("content-type", "text/html").end(pageOfModules);
      return;
    }
    readFile(join(built, path)).then(
      (code) => response.setHeader("content-type", "text/javascript").end(code),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const strengths: readonly VariantStrength[] = ["off", "standard", "strong"];

/** Every spelling of the evasion benchmark, plain ones, and texts that are hard on an engine. */
function listTexts(): string[] {
  const random = createRandom(5);
  const words = starterRules.flatMap((rule) => rule.words).filter((_, at) => at % 7 === 0);
  const spelled = Object.values(perturbations).flatMap((perturb) =>
    words.map((word) => `您好，${perturb(word, random) ?? word}，可以吗`),
  );
  const said = starterRules.flatMap(({ examples }) => [...examples.match, ...examples.pass]);
  const hard = ["", "\ud83d", "\udc00保本", "保\u200b本", "😀".repeat(2000), "j".repeat(500)];
  return [...spelled, ...said, ...hard];
}

function timeLoad(buffer: ArrayBuffer): number {
  const startedAt = performance.now();
  loadRules(buffer);
  return performance.now() - startedAt;
}

describeInBrowser("the rule engine", () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    server = await serveModules();
    browser = await launchBrowser();
    ({ page, problems } = await openPage(browser, { width: 400, height: 300 }));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => "engine" in globalThis);
  });

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(strengths)("finds and explains the same as here at %s", async (variants) => {
    const buffer = serializeRules(
      starterRules.map((rule) => ({ ...rule, variants })),
      { sounds },
    );
    const texts = listTexts();
    const here = loadRules(buffer.slice(0));
    const expected = texts.map((text) => scan(here, text, { speaker: "member" }));
    const reasons = texts.map(
      (text) => explain(here, text, { speaker: "member" }).suppressed.length,
    );
    expect(expected.filter(({ length }) => length > 0).length).toBeGreaterThan(300);
    const there = await page.evaluate(
      ({ bytes, said }) => {
        const { engine } = globalThis as unknown as { engine: Engine };
        const given = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0)).buffer;
        const compiled = engine.loadRules(given);
        return said.map((text) => ({
          found: engine.scan(compiled, text, { speaker: "member" }),
          suppressed: engine.explain(compiled, text, { speaker: "member" }).suppressed.length,
        }));
      },
      { bytes: Buffer.from(buffer).toString("base64"), said: texts },
    );
    expect(there.map(({ found }) => found)).toEqual(expected);
    expect(there.map(({ suppressed }) => suppressed)).toEqual(reasons);
    expect(problems).toEqual([]);
  });

  it(`loads ${manyWords} words at 强 about as fast as here, and finds the same`, async () => {
    const words = makeWords(manyWords);
    const buffer = serializeRules([toRule(words, "strong")], { sounds });
    const texts = makeTexts(words, 500);
    const here = loadRules(buffer.slice(0));
    const { took, found } = await page.evaluate(
      ({ bytes, said, times }) => {
        const { engine } = globalThis as unknown as { engine: Engine };
        const given = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0)).buffer;
        const compiled = engine.loadRules(given);
        const all = Array.from({ length: times }, () => {
          const startedAt = performance.now();
          engine.loadRules(given);
          return performance.now() - startedAt;
        });
        return {
          took: Math.min(...all),
          found: said.map((text) => engine.scan(compiled, text, { speaker: "member" })),
        };
      },
      { bytes: Buffer.from(buffer).toString("base64"), said: texts, times: rounds },
    );
    const usual = Math.min(...Array.from({ length: rounds }, () => timeLoad(buffer)));
    process.stdout.write(
      `loading ${manyWords} words: ${took.toFixed(1)} ms in Chromium, ${usual.toFixed(1)} ms here\n`,
    );
    expect(took).toBeLessThan(loadWithin * usual);
    expect(found).toEqual(texts.map((text) => scan(here, text, { speaker: "member" })));
  });
});
