// npm run bench: measures on this machine; nothing else should be running.
import { buildNative, ensureInstalled, fail, npx, requireNode, run, step } from "./steps.mjs";
import { openMysql } from "./test-surroundings.mjs";

requireNode();
await ensureInstalled();
// Built as the product is: what a TypeScript loader adds to each function would be measured, too.
await step("building the bench", () => run(npx("tsc"), ["-p", "tsconfig.bench.json"]));
await step("building the archive SDK host", async () => {
  const problem = await buildNative();
  if (problem) fail(problem);
});
const mysql = await openMysql();
try {
  await run(process.execPath, ["dist/test/bench/main.js"], {
    env: { ...process.env, ...(mysql.url ? { TEST_MYSQL_URL: mysql.url } : {}) },
  });
} finally {
  await mysql.close();
}
