import { readEnvironment } from "../config.ts";
import { runKeys } from "./keys.ts";
import { openTerminal } from "./terminal.ts";

const terminal = openTerminal();
process.exitCode = await runKeys(process.argv.slice(2), readEnvironment(), terminal);
terminal.close();
