import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { EvidenceProblem } from "#shared/contract/evidence";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { EvidenceBuilder } from "./build.ts";
import { EvidencePackage } from "./evidence.entity.ts";

const BUILD = "evidence.build";
const TELL = "evidence.tell";
const EXPIRE = "evidence.expire";

const payload = z.object({ id: z.string() });

export async function enqueueBuilding(jobs: Jobs, tx: EntityManager, id: string): Promise<void> {
  await jobs.enqueue(tx, BUILD, { id });
}

export async function enqueueTelling(jobs: Jobs, tx: EntityManager, id: string): Promise<void> {
  await jobs.enqueue(tx, TELL, { id }, { dedupe: `${TELL}:${id}` });
}

const reasons: Record<EvidenceProblem, string> = {
  mismatch: "有消息与留痕记录对不上，可能被改动过。请立即联系安全负责人。",
  too_large: "文件超过 1 GB。请缩短时间，分几次申请。",
  empty: "这段时间已经没有消息。",
  error: "多次尝试都没有成功。请联系管理员查看“运行状态”后重新申请。",
};

interface Deps {
  database: Database;
  jobs: Jobs;
  builder: EvidenceBuilder;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}

/** Builds what was approved, tells the requester, and removes what was kept long enough. */
export function registerEvidenceJobs({ database, jobs, builder, messages, publicUrl }: Deps): void {
  jobs.register({ kind: BUILD, payload, run: async ({ id }) => builder.build(id) });

  jobs.register({
    kind: TELL,
    payload,
    async run({ id }) {
      const row = await database.read.findOneBy(EvidencePackage, { id });
      if (!row) return;
      const isReady = row.state === "ready";
      await messages.pushTextCard({
        toMemberIds: [row.requestedBy],
        title: isReady ? "证据包已生成" : "证据包没有生成",
        description: isReady
          ? `共 ${row.messageCount ?? 0} 条消息，请在 7 天内到后台“证据包”下载。`
          : reasons[row.problem ?? "error"],
        url: `${publicUrl}/admin/evidence`,
        buttonText: "查看",
      });
    },
  });

  jobs.register({ kind: EXPIRE, payload: z.object({}), run: () => builder.expire() });
  jobs.schedule(EXPIRE, "0 17 * * * *");
}
