import type { MessageView } from "#shared/contract/reading";
import type { OpenedMessage, StoredMessage } from "../archive/conversations.service.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Media } from "../media/media.service.ts";
import type { Members } from "../members/members.service.ts";
import { nameOfCustomer } from "./customer-names.ts";
import { kindOf, viewParts } from "./part-views.ts";

/** What every view of a message has. */
export type MessageFacts = Pick<
  MessageView,
  "seq" | "sentAtMs" | "speaker" | "senderName" | "kind" | "recalledAtMs"
>;

export interface MessageViews {
  present(messages: readonly OpenedMessage[]): Promise<MessageView[]>;
  facts(messages: readonly StoredMessage[]): Promise<MessageFacts[]>;
}

interface Deps {
  members: Pick<Members, "namesOf">;
  customers: Pick<Customers, "nameOf">;
  hitMarks: Pick<HitMarks, "ofMessages">;
  media: Pick<Media, "standingOf">;
  maskName: (name: string) => string;
  /** Keeps every unit in its place, so that marks stay right. */
  maskNumbers: (text: string) => string;
}

export function createMessageViews(deps: Deps): MessageViews {
  const { members, customers, hitMarks, media, maskName, maskNumbers } = deps;

  async function namesOf(messages: readonly StoredMessage[]): Promise<Map<string, string>> {
    const idsOf = (speaker: StoredMessage["speaker"]): string[] => [
      ...new Set(messages.filter((one) => one.speaker === speaker).map((one) => one.senderId)),
    ];
    const memberIds = idsOf("member");
    const known = await members.namesOf(memberIds);
    const names = new Map(memberIds.map((id) => [id, known.get(id) ?? id]));
    await Promise.all(
      idsOf("customer").map(async (id) => {
        const name = await nameOfCustomer(customers, id);
        if (name !== null) names.set(id, maskName(name));
      }),
    );
    return names;
  }

  async function facts(messages: readonly StoredMessage[]): Promise<MessageFacts[]> {
    const names = await namesOf(messages);
    return messages.map(({ seq, sentAtMs, speaker, senderId, kind, recalledAtMs }) => ({
      seq,
      sentAtMs,
      speaker,
      senderName: names.get(senderId) ?? "",
      kind: kindOf(kind),
      recalledAtMs,
    }));
  }

  return {
    facts,

    async present(messages) {
      const seqs = messages.map(({ seq }) => seq);
      const [views, findings, files] = await Promise.all([
        facts(messages),
        hitMarks.ofMessages(seqs),
        media.standingOf(seqs),
      ]);
      return messages.flatMap(({ seq, text, parts }, index) => {
        const view = views[index];
        if (!view) return [];
        return {
          ...view,
          text: maskNumbers(text ?? ""),
          isErased: text === null,
          parts: viewParts(parts, files.get(seq) ?? []),
          findings: findings.get(seq) ?? [],
        };
      });
    },
  };
}
