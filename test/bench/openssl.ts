import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Private RSA-2048 operations a second on `cores` together, by the clock on the wall. */
export async function opensslRsaPerSecond(cores: number): Promise<number> {
  const args = ["speed", "-elapsed", "-seconds", "1", "-multi", String(cores), "rsa2048"];
  const { stdout } = await promisify(execFile)("openssl", args);
  const lines = stdout.split("\n");
  const columns = words(lines.find((line) => line.includes("sign/s")));
  const values = words(lines.find((line) => /^rsa\s+2048 bits/.test(line)));
  // The row begins with three words that have no column: "rsa 2048 bits".
  const perSecond = Number(values[columns.indexOf("sign/s") + 3]);
  if (!(perSecond > 0)) throw new Error("openssl speed gave no figure for rsa2048");
  return perSecond;
}

function words(line: string | undefined): string[] {
  return line?.trim().split(/\s+/) ?? [];
}
