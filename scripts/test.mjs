// npm test: everything, after setting up what it needs. `npm test -- <jest arguments>` runs Jest alone.
// The last line is `N passed, N failed[, N skipped]`. With CI=true a missing browser, database,
// compiler or openssl is a failure.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { ensureBuilt, ensureInstalled, npx, requireNode, run, say, step } from "./steps.mjs";
import {
  findBrowser,
  findCompiler,
  findMariadbd,
  findOpenssl,
  openMysql,
} from "./test-surroundings.mjs";

const isCi = process.env.CI === "true";
const jestArgs = process.argv.slice(2);
const isWhole = jestArgs.length === 0;

requireNode();
await ensureInstalled();
const browser = await findBrowser();
const mysql = await openMysql();
const compiler = await findCompiler();
const mariadbd = await findMariadbd();
const openssl = await findOpenssl();
await ensureBuilt();

const missing = [
  browser.path ? null : `a browser (${browser.remedy})`,
  mysql.url ? null : `MySQL or MariaDB (${mysql.remedy})`,
  compiler.isThere ? null : `a C compiler (${compiler.remedy})`,
  mariadbd.isThere ? null : `a MariaDB that may be killed (${mariadbd.remedy})`,
  openssl.isThere ? null : `openssl (${openssl.remedy})`,
].filter(Boolean);
for (const what of missing) say(`! without ${what} its tests are skipped`);

const wrongSources = isWhole ? await checkSources() : [];
const results = await runJest({
  ...process.env,
  ...(browser.path ? { CHROMIUM_PATH: browser.path } : {}),
  ...(mysql.url ? { TEST_MYSQL_URL: mysql.url } : {}),
});
await mysql.close();
report(results);

/** Types, lint and format; what is wrong counts as failed, and the tests run all the same. */
async function checkSources() {
  const wrong = [];
  for (const [title, script] of [
    ["types", "typecheck"],
    ["lint, format, direction of imports", "lint"],
  ]) {
    await step(title, () => run("npm", ["run", "--silent", script])).catch(() => wrong.push(title));
  }
  return wrong;
}

async function runJest(env) {
  const folder = mkdtempSync(join(tmpdir(), "jest-"));
  const outputFile = join(folder, "results.json");
  const code = await new Promise((resolve) => {
    const args = [
      npx("jest"),
      "--json",
      `--outputFile=${outputFile}`,
      "--forceExit=false",
      ...jestArgs,
    ];
    // Jest's JSON would also go to stdout; its readable report goes to stderr.
    spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] }).once(
      "exit",
      resolve,
    );
  });
  if (!existsSync(outputFile)) throw new Error(`Jest ended with ${code} and without a result`);
  const json = JSON.parse(readFileSync(outputFile, "utf8"));
  rmSync(folder, { recursive: true });
  return json;
}

function report(json) {
  const tests = json.testResults.flatMap((file) => file.assertionResults);
  const skipped = tests.filter(({ status }) => status === "pending" || status === "todo");
  for (const { fullName } of skipped) say(`skipped: ${fullName}`);
  const brokenFiles = json.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const lacking = isCi ? missing : [];
  for (const what of lacking) say(`failed: ${what} is required in CI`);
  for (const what of wrongSources) say(`failed: ${what}`);
  const failed = json.numFailedTests + brokenFiles.length + lacking.length + wrongSources.length;
  const note = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  if (failed > 0 || !json.success || json.numPassedTests === 0) process.exitCode = 1;
  say(`${json.numPassedTests} passed, ${failed} failed${note}`);
}
