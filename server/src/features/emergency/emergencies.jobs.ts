import type { EntityManager } from "typeorm";
import { z } from "zod";
import { emergencyCauseNames, verdictNames } from "#shared/contract/emergency";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { formatShanghaiTime } from "../../platform/shanghai-day.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Access } from "../access/access.service.ts";
import type { Members } from "../members/members.service.ts";
import type { Emergencies } from "./emergencies.service.ts";
import { Emergency } from "./emergency.entity.ts";

const TELL_OPENED = "emergency.tell-opened";
const TELL_REVIEWED = "emergency.tell-reviewed";
const REMIND = "emergency.remind";
const EXPIRE = "emergency.expire";

const payload = z.object({ id: z.string() });

export async function enqueueTellOpened(jobs: Jobs, tx: EntityManager, id: string): Promise<void> {
  await jobs.enqueue(tx, TELL_OPENED, { id });
}

export async function enqueueTellReviewed(
  jobs: Jobs,
  tx: EntityManager,
  id: string,
): Promise<void> {
  await jobs.enqueue(tx, TELL_REVIEWED, { id });
}

export interface EmergencyJobDeps {
  database: Database;
  jobs: Jobs;
  members: Pick<Members, "namesOf" | "managersOf">;
  access: Pick<Access, "holdersOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  emergencies: Pick<Emergencies, "countUnreviewed" | "expire">;
  publicUrl: string;
}

/**
 * Tells the managers, and those who review and audit, at once; reminds of reviews that are late; notes what ran out.
 * Cards say who, whose and until when; what people wrote stays here, sealed.
 */
export function registerEmergencyJobs(deps: EmergencyJobDeps): void {
  const { database, jobs, members, access, messages } = deps;
  const url = `${deps.publicUrl}/admin/reading`;

  async function push(
    to: Iterable<string>,
    exceptId: string,
    card: { title: string; description: string; url: string },
  ): Promise<void> {
    const toMemberIds = [...new Set(to)].filter((id) => id !== exceptId);
    if (toMemberIds.length > 0) {
      await messages.pushTextCard({ toMemberIds, ...card, buttonText: "查看" });
    }
  }

  jobs.register({
    kind: TELL_OPENED,
    payload,
    async run({ id }) {
      const row = await database.read.findOneByOrFail(Emergency, { id });
      const names = await members.namesOf([row.requestedBy, ...row.memberIds]);
      const nameOf = (one: string): string => names.get(one) ?? one;
      const until = formatShanghaiTime(row.endsAtMs ?? 0).slice(5, 16);
      const card = {
        title: `${nameOf(row.requestedBy)}开启了紧急访问`,
        description: `可以阅读${row.memberIds.map(nameOf).join("、")}的聊天，到 ${until}。原因：${emergencyCauseNames[row.cause]}。`,
      };
      const watchers = new Set([
        ...(await access.holdersOf("emergency.review")),
        ...(await access.holdersOf("audit.read")),
      ]);
      await push(watchers, row.requestedBy, { ...card, url });
      const managers = (
        await Promise.all(row.memberIds.map((one) => members.managersOf(one)))
      ).flat();
      // They have no such page in the console; their own shows the conversations.
      const others = managers.filter((one) => !watchers.has(one));
      const theirs = `${deps.publicUrl}/manager/conversations`;
      await push(others, row.requestedBy, { ...card, url: theirs });
    },
  });

  jobs.register({
    kind: TELL_REVIEWED,
    payload,
    async run({ id }) {
      const row = await database.read.findOneByOrFail(Emergency, { id });
      if (row.verdict === null) return;
      await messages.pushTextCard({
        toMemberIds: [row.requestedBy],
        title: `你的紧急访问已复核：${verdictNames[row.verdict]}`,
        description: "复核意见请到后台“阅读授权”查看。",
        url,
        buttonText: "查看",
      });
    },
  });

  jobs.register({
    kind: REMIND,
    payload: z.object({}),
    async run() {
      const { overdue } = await deps.emergencies.countUnreviewed();
      if (overdue === 0) return;
      const to = [
        ...(await access.holdersOf("emergency.review")),
        ...(await access.holdersOf("audit.read")),
      ];
      const description = "请由没有参与的人到“阅读授权”页复核，判断是否正当。";
      await push(to, "", { title: `有 ${overdue} 次紧急访问超期没有复核`, description, url });
    },
  });
  jobs.schedule(REMIND, "0 30 9 * * *");

  jobs.register({
    kind: EXPIRE,
    payload: z.object({}),
    run: () => Promise.resolve((tx) => deps.emergencies.expire(tx)),
  });
  jobs.schedule(EXPIRE, "15 * * * * *");
}
