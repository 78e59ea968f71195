// node scripts/command.mjs <name> …: runs one of the built server's own commands (keys, backup, restore) with the
// settings that the server has.
import { spawn } from "node:child_process";
import { ensureBuilt, ensureInstalled, requireNode } from "./steps.mjs";

requireNode();
await ensureInstalled();
await ensureBuilt();
const [name, ...args] = process.argv.slice(2);
spawn(process.execPath, [`dist/server/src/commands/${name}.main.js`, ...args], {
  stdio: "inherit",
}).once("exit", (code) => (process.exitCode = code ?? 1));
