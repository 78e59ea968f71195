import { resolve } from "node:path";
import { checkLibrary } from "../../sdk-check/check-library.ts";
import { describeNative, doubleLibrary, hostProgram } from "../../support/native.ts";

describeNative("npm run sdk:check", () => {
  it("finds every step good with the double", async () => {
    const verdicts = await checkLibrary({ library: doubleLibrary, hostProgram });
    expect(verdicts.map(({ step, isGood }) => [step, isGood])).toEqual([
      ["self-test", true],
      ["token", true],
      ["page", true],
      ["decrypt", true],
      ["media", true],
    ]);
  });

  it("names the step that fails, and does not try those after it", async () => {
    const verdicts = await checkLibrary({ library: resolve("missing.so"), hostProgram });
    expect(verdicts.map(({ isGood }) => isGood)).toEqual([false, null, null, null, null]);
    expect(verdicts[0]!.detail).toContain("not_loaded");
  });
});
