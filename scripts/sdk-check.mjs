// npm run sdk:check -- --lib <path>: tries WeCom's archive library against the twin, step by step. Nothing leaves
// this machine. Exit 0 when every step is good.
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { buildNative, ensureInstalled, fail, requireNode, sdkHost } from "./steps.mjs";

requireNode();
const { lib } = parseArgs({ options: { lib: { type: "string" } } }).values;
if (!lib) fail("Say which library: npm run sdk:check -- --lib <path of libWeWorkFinanceSdk_C.so>");
await ensureInstalled();
const problem = await buildNative();
if (problem) fail(problem);

const args = ["--conditions=source", "--import", "tsx", "test/sdk-check/main.ts"];
spawn(process.execPath, [...args, resolve(lib), resolve(sdkHost)], { stdio: "inherit" }).once(
  "exit",
  (code) => (process.exitCode = code ?? 1),
);
