import { resolve } from "node:path";
import { loadConfig, readEnvironment } from "../config.ts";
import { entities } from "../entities.ts";
import { restoreBackup } from "../platform/backup/restore-backup.ts";
import { createKeySource } from "../platform/vault/key-source.ts";
import { openTerminal } from "./terminal.ts";

/** npm run restore -- <folder of one backup>: into an empty database and media folder, with everything checked. */
const terminal = openTerminal();
const [given] = process.argv.slice(2);
if (given === undefined) {
  terminal.say("Say which one: npm run restore -- <folder of the backup>");
  process.exitCode = 1;
} else {
  const { databaseUrl, media, vaultKey } = loadConfig(readEnvironment());
  const mediaDir = media.s3 ? null : media.dir;
  const tell = (line: string): void => terminal.say(`  ${line}`);
  try {
    const manifest = await restoreBackup({
      from: resolve(given),
      databaseUrl,
      entities,
      mediaDir,
      tell,
    });
    terminal.say(`Restored as of ${new Date(manifest.createdAtMs).toISOString()}.`);
    const keys = await createKeySource(vaultKey)
      .load()
      .catch(() => []);
    const missing = manifest.vaultKeyIds.filter((id) => !keys.some((key) => key.id === id));
    terminal.say(
      missing.length === 0
        ? "The vault key is there."
        : `The vault key ${missing.join(", ")} is missing: until it is there the server starts sealed.`,
    );
    terminal.say(
      "Carry out again what was destroyed for people since then: see their certificates.",
    );
  } catch (error) {
    terminal.say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
terminal.close();
