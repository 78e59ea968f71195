import { checkLibrary } from "./check-library.ts";

/** `main.ts <library> <host program>`: a line of verdict for each step; exit 1 when one is not good. */
const words = new Map([
  [true, "ok"],
  [false, "FAILED"],
  [null, "-"],
]);

async function main(): Promise<void> {
  const [library = "", hostProgram = ""] = process.argv.slice(2);
  const verdicts = await checkLibrary({ library, hostProgram });
  for (const { step, isGood, detail } of verdicts) {
    process.stdout.write(`${step.padEnd(10)} ${(words.get(isGood) ?? "").padEnd(7)} ${detail}\n`);
  }
  process.exitCode = verdicts.every(({ isGood }) => isGood) ? 0 : 1;
}

void main();
