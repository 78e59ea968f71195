import { resolve } from "node:path";
import { loadConfig, readEnvironment } from "../config.ts";
import { removeOldBackups, writeBackup } from "../platform/backup/write-backup.ts";
import { openTerminal } from "./terminal.ts";

/** npm run backup -- <folder>: a backup of database and files beside the earlier ones, while the server runs. */
const terminal = openTerminal();
const [given] = process.argv.slice(2);
if (given === undefined) {
  terminal.say("Say where to: npm run backup -- <folder>");
  process.exitCode = 1;
} else {
  const { databaseUrl, media, backupRetentionDays } = loadConfig(readEnvironment());
  const folder = resolve(given);
  const nowMs = Date.now();
  const done = await writeBackup({
    databaseUrl,
    mediaDir: media.s3 ? null : media.dir,
    folder,
    nowMs,
    tell: (line) => terminal.say(`  ${line}`),
  });
  terminal.say(`The backup is in ${done}. The vault key is not in it: keep that apart.`);
  if (media.s3) terminal.say("Files of messages lie in the S3 store and are not in it.");
  const removed = await removeOldBackups(folder, nowMs - backupRetentionDays * 86_400_000);
  if (removed > 0) terminal.say(`${removed} older than ${backupRetentionDays} days were removed.`);
}
terminal.close();
