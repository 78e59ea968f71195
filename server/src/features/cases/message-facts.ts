import { isWorkingTime } from "#shared/working-calendar";
import type { WorkingCalendar } from "#shared/working-calendar";
import type { FactCondition, MessageFacts } from "#shared/rules/facts";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Members } from "../members/members.service.ts";

export interface MessageFactsDeps {
  /** As it is now. */
  calendar: () => Promise<WorkingCalendar>;
  reader: Pick<ArchiveReader, "sentAtMsOf">;
  members: Pick<Members, "departmentsOf">;
  customers: Pick<Customers, "tagsOf">;
}

/** A message, or an act without one, with the member whose conversation it is. */
interface Asked {
  message: Pick<
    ArchivedMessage,
    "scene" | "sentAtMs" | "contents" | "customerId" | "recalledMsgId"
  >;
  memberId: string | null;
  /** The messages with which it came. */
  page: readonly ArchivedMessage[];
}

/** What rules may ask of messages beside their text; works out only what some rule asks for. */
export function createMessageFacts(
  { calendar, reader, members, customers }: MessageFactsDeps,
  asked: ReadonlySet<FactCondition["kind"]>,
): (one: Asked) => Promise<MessageFacts> {
  /** Once for all of them: they come at the same moment. */
  let opened: Promise<WorkingCalendar> | undefined;
  const tags = new Map<string, Promise<string[] | undefined>>();

  async function tagsOf(customerId: string | null): Promise<string[] | undefined> {
    if (customerId === null) return undefined;
    const known = tags.get(customerId) ?? customers.tagsOf(customerId);
    tags.set(customerId, known);
    return await known;
  }

  async function recalledAfterMs({ message, page }: Asked): Promise<number | null> {
    const { recalledMsgId, sentAtMs } = message;
    if (recalledMsgId === null) return null;
    const inPage = page.find(({ msgId }) => msgId === recalledMsgId)?.sentAtMs;
    const toldAtMs = inPage ?? (await reader.sentAtMsOf(recalledMsgId));
    return toldAtMs === null ? null : Math.max(0, sentAtMs - toldAtMs);
  }

  return async (one) => {
    const { message, memberId } = one;
    const departments =
      asked.has("member") && memberId !== null ? await members.departmentsOf([memberId]) : [];
    return {
      scene: message.scene,
      ...(asked.has("time") && {
        isWorkingTime: isWorkingTime(message.sentAtMs, await (opened ??= calendar())),
      }),
      contents: message.contents,
      ...(memberId !== null && { memberId, departmentIds: departments.map(({ id }) => id) }),
      ...(asked.has("customer") && { customerTags: await tagsOf(message.customerId) }),
      ...(asked.has("recall") && { recalledAfterMs: await recalledAfterMs(one) }),
    };
  };
}
