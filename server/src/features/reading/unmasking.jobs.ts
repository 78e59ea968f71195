import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Access } from "../access/access.service.ts";
import type { Members } from "../members/members.service.ts";
import { ReadingRow, ReadingSubject } from "./reading.entity.ts";

const TELL = "reading.tell-unmasked";

export async function enqueueTellUnmasked(
  jobs: Jobs,
  tx: EntityManager,
  readingId: string,
): Promise<void> {
  await jobs.enqueue(tx, TELL, { readingId });
}

export interface UnmaskingJobDeps {
  database: Database;
  jobs: Jobs;
  members: Pick<Members, "namesOf" | "managersOf">;
  access: Pick<Access, "grantedOver" | "holdersOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}

/** Tells the managers of those in whose chats a hidden field was looked at. */
export function registerUnmaskingJobs(deps: UnmaskingJobDeps): void {
  const { database, members, access } = deps;

  /** Who answers for the member beside the reader, the nearest first; in the end those who approve reading. */
  async function watchersOf(memberId: string, readerId: string): Promise<string[]> {
    const others = (ids: readonly string[]): string[] => ids.filter((id) => id !== readerId);
    const sources = [
      () => members.managersOf(memberId),
      () => members.managersOf(readerId),
      () => access.grantedOver(memberId, "conversation.read"),
      () => access.holdersOf("reading.approve"),
    ];
    for (const find of sources) {
      const found = others(await find());
      if (found.length > 0) return found;
    }
    return [];
  }

  deps.jobs.register({
    kind: TELL,
    payload: z.object({ readingId: z.string() }),
    async run({ readingId }) {
      const row = await database.read.findOneBy(ReadingRow, { id: readingId });
      if (!row) return;
      const subjects = await database.read.findBy(ReadingSubject, { readingId });
      const subjectIds = subjects.map(({ memberId }) => memberId);
      const watchers = new Set<string>();
      for (const id of subjectIds)
        for (const one of await watchersOf(id, row.readerId)) watchers.add(one);
      if (watchers.size === 0) return;
      const names = await members.namesOf([row.readerId, ...subjectIds]);
      const nameOf = (id: string): string => names.get(id) ?? id;
      await deps.messages.pushTextCard({
        toMemberIds: [...watchers],
        title: `${nameOf(row.readerId)}查看了一处隐藏的信息`,
        // What people wrote as the reason stays here, where it is sealed.
        description: `在${subjectIds.map(nameOf).join("、")}的聊天里，一次一处，理由已留痕，当事员工可以看到。`,
        url: `${deps.publicUrl}/manager/conversations/${encodeURIComponent(row.conversationId ?? "")}`,
        buttonText: "查看会话",
      });
    },
  });
}
