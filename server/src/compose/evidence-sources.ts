import { listConsentsIn } from "../features/archive/consents.ts";
import type { Conversations } from "../features/archive/conversations.service.ts";
import { createProvenMessages } from "../features/archive/proven-messages.ts";
import { traceCases } from "../features/cases/case-trail.ts";
import type { Customers } from "../features/customers/customers.service.ts";
import type { EvidenceSources } from "../features/evidence/gather.ts";
import { listPackagesOf } from "../features/evidence/evidence.service.ts";
import type { Health } from "../features/health/health.service.ts";
import { copyMedia } from "../features/media/media-copies.ts";
import type { Media } from "../features/media/media.service.ts";
import type { Members } from "../features/members/members.service.ts";
import { traceReadings } from "../features/reading/reading-trail.ts";
import { looksExternal } from "../wecom/wecom-id.ts";
import type { Ground } from "./ground.ts";

export interface EvidenceSourceDeps {
  conversations: Pick<Conversations, "find">;
  members: Pick<Members, "namesOf">;
  customers: Pick<Customers, "nameOf">;
  media: Pick<Media, "standingOf" | "open">;
  health: Pick<Health, "view">;
  countUnopened(): Promise<number>;
}

/** Where what stands in a package of evidence comes from. */
export function createEvidenceSources(
  ground: Pick<Ground, "database" | "vault" | "clock">,
  deps: EvidenceSourceDeps,
): EvidenceSources {
  const { database, vault, clock } = ground;
  const { conversations, members, customers, media } = deps;
  return {
    messages: createProvenMessages({ database, vault }),
    membersOf: async (id) => (await conversations.find([id]))[0]?.memberIds ?? [],
    mediaOf: (seqs) => copyMedia(media, seqs),
    countUnopened: () => deps.countUnopened(),

    async trailOf(scope) {
      const [readings, cases, packages] = await Promise.all([
        traceReadings({ database, vault }, scope),
        traceCases(database, scope.conversationId),
        listPackagesOf(database, [scope.conversationId]),
      ]);
      return [
        ...readings.map(({ id, purpose, isSearch }) => ({
          id,
          note: `${isSearch ? "搜索范围包含本会话，" : ""}用途：${purpose}`,
        })),
        ...cases,
        ...packages.map(({ id }) => ({ id, note: `证据包 ${id}` })),
      ];
    },

    async consentsOf(id) {
      const [conversation] = await conversations.find([id]);
      if (!conversation) return [];
      const found = await listConsentsIn(database, conversation);
      return found.map(({ customerId, memberId, state, atMs }) => ({
        customerId,
        memberId,
        state,
        atMs,
      }));
    },

    async describeSystem() {
      const { lines } = await deps.health.view();
      return {
        facts: {
          系统: "wecom-guard",
          Node: process.versions.node,
          数据库: database.dialect,
          时区: "Asia/Shanghai",
          系统时间: new Date(clock.now()).toISOString(),
        },
        health: lines.map(({ id, title, status, detail }) => ({ id, title, status, detail })),
      };
    },

    async namesOf(ids) {
      const names = await members.namesOf(ids);
      for (const id of ids) {
        if (names.has(id) || !looksExternal(id)) continue;
        // Whoever was deleted on purpose keeps the id.
        const name = await customers.nameOf(id).catch(() => null);
        if (name !== null) names.set(id, name);
      }
      return names;
    },
  };
}
