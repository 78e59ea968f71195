// npm run build:sdk-host: the program that runs WeCom's archive library, and the library's test double.
import { buildNative, fail, step } from "./steps.mjs";

await step("building the archive SDK host", async () => {
  const problem = await buildNative();
  if (problem) fail(problem);
});
