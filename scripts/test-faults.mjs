// npm run test:faults -- [--minutes N] [--seed S] [--database sqlite|mariadb]: the product at work while everything fails.
import { spawn } from "node:child_process";
import { buildNative, ensureInstalled, requireNode, say } from "./steps.mjs";

requireNode();
await ensureInstalled();
const problem = await buildNative();
if (problem) say(`! ${problem}`);
const args = ["--conditions=source", "--import", "tsx", "test/faults/main.ts"];
spawn(process.execPath, [...args, ...process.argv.slice(2)], { stdio: "inherit" }).once(
  "exit",
  (code) => process.exit(code ?? 1),
);
