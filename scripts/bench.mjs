// npm run bench: measures on this machine; nothing else should be running.
import { ensureInstalled, requireNode, run } from "./steps.mjs";
import { openMysql } from "./test-surroundings.mjs";

requireNode();
await ensureInstalled();
const mysql = await openMysql();
try {
  await run(process.execPath, ["--conditions=source", "--import", "tsx", "test/bench/main.ts"], {
    env: { ...process.env, ...(mysql.url ? { TEST_MYSQL_URL: mysql.url } : {}) },
  });
} finally {
  await mysql.close();
}
