import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** What `npm run build:sdk-host` builds: the program that runs WeCom's archive library, and the library's double. */
export const hostProgram = resolve("dist/native/finance-sdk-host");
export const doubleLibrary = resolve("dist/native/libWeWorkFinanceSdk_C.so");

const isBuilt = existsSync(hostProgram) && existsSync(doubleLibrary);

/** `describe`, or a skip by name where there was no C compiler. */
export const describeNative = (name: string, define: () => void): void => {
  if (isBuilt) describe(name, define);
  else describe.skip(`${name} [no C compiler]`, define);
};
