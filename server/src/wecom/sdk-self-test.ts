import type { SealedText } from "./archive-source.ts";
import { SdkHostError } from "./sdk-error.ts";
import { formatDecrypt } from "./sdk-frames.ts";
import { ask } from "./sdk-process.ts";
import type { SdkProcess } from "./sdk-process.ts";

/**
 * A message of our own that a real library has opened: what any library must make of it. Found on a build of 2020;
 * the scheme has been the same since.
 */
const selfTestMessage: SealedText = {
  randomKey:
    "AAECAwQFBgcICQoLDA0OD8ZWa/+JExArT9R2EpqSengSopysn5DZTRzH6S0AeF2HBpBLguHJG8HLu3qGaXPZJg==",
  encryptedMessage:
    "er/BH3M1XS0DREqV8ib8HDy88YtDtXbiufMdI8X2Y4rUmdJuPnBIKEBESExQVFhcYGRobpi99lSi0tcL21pffHB0eHyYSh1dtKWI324kxoxfUZH5jCaOUzp1vTsMy2OPjVaja8hiUA+EZDBWUMkpBfBmhMISM1P/cm7Q0Mdp2LkrDTKrbUVthZdNhuzFNYhe2bw2WYx3Hw1kB7VgViqfFO4pkcfE54Le9FJ0l5gfy/M+4ZKlh4Hytz4ApogfKUrmDkMAVhWP+YD9/NuGQsAktAbWZt9NXQWK1oyqhDamQsh9xf2rrWaA87BFIKmMrrEKPSHKr9nJwrzrJJ7bKcmMBIVJQeA==WQJEeNaj",
};

const selfTestText =
  '{"msgid":"10001_1700000000001_external","action":"send","from":"zhangsan","tolist":["wmAAA"],"roomid":"","msgtime":1700000000001,"msgtype":"text","text":{"content":"hello 世界"}}';

const SELF_TEST_TIMEOUT_MS = 10_000;

/** Throws `SdkHostError` "unusable" when the library makes anything else of it. */
export async function passSelfTest(process: SdkProcess): Promise<void> {
  const { code, payload } = await ask(
    process,
    formatDecrypt([selfTestMessage]),
    SELF_TEST_TIMEOUT_MS,
  );
  if (code === 0 && payload.toString("utf8") === selfTestText) return;
  throw new SdkHostError("unusable", `self-test: ${code === 0 ? "another text" : code}`);
}
