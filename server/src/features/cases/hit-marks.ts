import { In } from "typeorm";
import type { FindingView } from "#shared/contract/rule";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Rules } from "../rules/rules.service.ts";
import { Hit, SupervisionCase } from "./case.entity.ts";
import { describeStored, openFinding } from "./hit-spans.ts";
import type { StoredFinding } from "./hit-spans.ts";

/** What cases and hits say of conversations and messages, for whoever shows those. Who may see it is the caller's matter. */
export interface HitMarks {
  /** Messages without hits are missing from the answer. */
  ofMessages(seqs: readonly number[]): Promise<Map<number, FindingView[]>>;
  /** Conversation → open cases of these members there, without look-backs; missing where there is none. */
  countOpen(
    conversationIds: readonly string[],
    memberIds: readonly string[],
  ): Promise<Map<string, number>>;
  /** Undefined when there is no such case; without a message, of an act that is none. */
  placeOf(
    caseId: string,
  ): Promise<{ conversationId: string; messageSeq: number | null; memberId: string } | undefined>;
  /** Holds for a row `c` of conversations in which one of these members, or somebody to them, broke a rule. */
  conversationsWithCases(memberIds: readonly string[]): { sql: string; values: string[] };
}

interface Deps {
  database: Database;
  vault: Vault;
  rules: Pick<Rules, "describe">;
}

export function createHitMarks({ database, vault, rules }: Deps): HitMarks {
  return {
    async ofMessages(seqs) {
      const found = new Map<number, StoredFinding[]>();
      if (seqs.length === 0) return new Map();
      for (const hit of await database.read.findBy(Hit, { messageSeq: In([...seqs]) })) {
        const seq = hit.messageSeq;
        if (seq === null) continue;
        found.set(seq, [...(found.get(seq) ?? []), await openFinding(vault, hit)]);
      }
      const described = new Map<number, FindingView[]>();
      for (const [seq, findings] of found) {
        described.set(seq, await describeStored(rules, findings));
      }
      return described;
    },

    async countOpen(conversationIds, memberIds) {
      if (conversationIds.length === 0 || memberIds.length === 0) return new Map();
      const rows = await database.read
        .createQueryBuilder(SupervisionCase, "c")
        .select("c.conversationId", "id")
        .addSelect("COUNT(*)", "n")
        .where("c.state = 'open' AND c.isLookBack = :isLookBack", { isLookBack: false })
        .andWhere("c.conversationId IN (:...conversationIds)", { conversationIds })
        .andWhere("c.memberId IN (:...memberIds)", { memberIds })
        .groupBy("c.conversationId")
        .getRawMany<{ id: string; n: string | number }>();
      return new Map(rows.map(({ id, n }) => [id, Number(n)]));
    },

    async placeOf(caseId) {
      const row = await database.read.findOneBy(SupervisionCase, { id: caseId });
      return row ?? undefined;
    },

    conversationsWithCases(memberIds) {
      const marks = memberIds.map(() => "?").join(", ");
      return {
        sql: `EXISTS (SELECT 1 FROM supervision_case sc
          WHERE sc.conversation_id = c.id AND sc.member_id IN (${marks}))`,
        values: [...memberIds],
      };
    },
  };
}
