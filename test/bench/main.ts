import { cpus } from "node:os";
import { benchArchive } from "./archive.ts";
import { benchArchiveMemory } from "./archive-memory.ts";
import { benchBackTest } from "./back-test.ts";
import { benchCallbacks } from "./callbacks.ts";
import { benchDraft } from "./draft.ts";
import { benchLedger } from "./ledger.ts";
import { benchReading } from "./reading.ts";
import { benchRotation } from "./rotation.ts";
import { benchRuleLimits } from "./rule-limits.ts";
import { benchRules } from "./rules.ts";
import { benchSearch } from "./search.ts";
import { benchSearchIndex } from "./search-index.ts";

/** npm run bench: every figure of one run on one machine; ratios are what can be compared. */
const out = (line: string): void => void process.stdout.write(`${line}\n`);

const processors = cpus();
out(
  `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model.trim() ?? "cpu"}`,
);
out("");
out("Draft check, starter rules, a keystroke");
for (const { draft, microsPerKeystroke } of benchDraft()) {
  out(`  ${draft}: ${microsPerKeystroke.toFixed(1)} µs`);
}
out("");
benchRules();
benchRuleLimits();
out("");
await benchCallbacks();
out("");
await benchArchive();
out("");
await benchArchiveMemory();
out("");
await benchLedger();
out("");
await benchRotation();
out("");
await benchReading();
out("");
await benchSearch();
out("");
await benchBackTest();
out("");
await benchSearchIndex();
