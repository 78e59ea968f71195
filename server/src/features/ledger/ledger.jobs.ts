import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Checkpoints, SignedHead } from "../../platform/ledger/checkpoints.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Stamps } from "../../platform/ledger/stamps.ts";
import type { SigningKey } from "../../platform/ledger/signing-key.ts";
import type { Logger } from "../../platform/log.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import { CHECK_LEDGER } from "./ledger-checks.service.ts";
import type { LedgerChecks } from "./ledger-checks.service.ts";

const STAMP = "ledger.stamp";

interface Deps {
  jobs: Jobs;
  checkpoints: Checkpoints;
  checks: LedgerChecks;
  stamps: Stamps;
  clock: Clock;
  signingKey: Pick<SigningKey, "fingerprint">;
  messages: Pick<AppMessages, "pushTextCard">;
  /** Who keeps a copy of each day's head outside of this product: their chat with the app. Asked each time. */
  keepers: () => Promise<{ auditors: readonly string[]; managers: readonly string[] }>;
  publicUrl: string;
  log: Logger;
}

/**
 * Signs where the ledger stands, gives the head of the day to people, and once a week looks through all of it and
 * holds it against all heads that people were given.
 */
export function registerLedgerJobs(deps: Deps): void {
  const { jobs, checkpoints, checks, stamps, messages, keepers, publicUrl, log } = deps;

  /** Each to a page that they may open: managers have none in the console. */
  async function pushCard(title: string, description: string): Promise<void> {
    const { auditors, managers } = await keepers();
    const others = managers.filter((id) => !auditors.includes(id));
    const card = { title, description, buttonText: "查看" };
    if (auditors.length > 0)
      await messages.pushTextCard({
        ...card,
        toMemberIds: auditors,
        url: `${publicUrl}/admin/audit`,
      });
    if (others.length > 0)
      await messages.pushTextCard({ ...card, toMemberIds: others, url: `${publicUrl}/manager/` });
  }

  jobs.register({ kind: "ledger.sign", payload: z.object({}), run: () => checkpoints.sign() });
  jobs.schedule("ledger.sign", "30 */5 * * * *");

  jobs.register({
    kind: "ledger.publish",
    payload: z.object({}),
    async run() {
      await checkpoints.sign();
      const head = await checkpoints.latest();
      if (!head || head.publishedAtMs !== null) return undefined;
      await pushCard("今日留痕校验值", describe(head, deps.signingKey));
      return async (tx) => {
        await checkpoints.notePublished(tx, head.size);
        recordEntry(tx, {
          kind: "ledger.published",
          actorId: "system",
          objectId: String(head.size),
          atMs: deps.clock.now(),
          details: {},
        });
        if (stamps.isSet) await jobs.enqueue(tx, STAMP, {});
      };
    },
  });
  jobs.schedule("ledger.publish", "0 0 9 * * *");

  if (stamps.isSet) {
    jobs.register({ kind: STAMP, payload: z.object({}), run: () => stamps.run() });
    // An authority that is down is asked again every hour.
    jobs.schedule(STAMP, "0 20 * * * *");
  }

  jobs.register({
    kind: CHECK_LEDGER,
    payload: z.object({}),
    async run() {
      const { places, effect } = await checks.run();
      if (places.length === 0) return effect;
      log.fatal({ places }, "the ledger is not what was recorded");
      await pushCard(
        "留痕记录校验不通过",
        `${places.length} 处对不上，记录可能被改动过。请保留数据库现状，停止维护操作，通知安全负责人。`,
      );
      return effect;
    },
  });
  jobs.schedule(CHECK_LEDGER, "0 30 3 * * 0");
}

function describe({ size, root }: SignedHead, { fingerprint }: { fingerprint: string }): string {
  return `截至今天共 ${size} 条记录，校验值 ${root}，签名公钥指纹 ${fingerprint}。请保留这条消息：以后可以用它证明这之前的记录没有被改动。`;
}
