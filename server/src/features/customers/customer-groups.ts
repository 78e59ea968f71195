import { LRUCache } from "lru-cache";
import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { CustomerContact, CustomerGroup } from "../../wecom/customer-contact.ts";
import { wecomTrouble } from "./wecom-trouble.ts";

export interface GroupRecord {
  group: CustomerGroup;
  syncedAtMs: number;
  /** WeCom could not be asked; this is what it said last. */
  isStale: boolean;
}

export interface CustomerGroups {
  /** Throws `customer_not_found` when the member is not in the group, or there is none. */
  getGroup(roomId: string, forMemberId: string): Promise<GroupRecord>;
  /** Lets every process ask WeCom again about the group. */
  expireGroup(tx: EntityManager, roomId: string): Promise<void>;
}

interface HeldGroup {
  group: CustomerGroup;
  syncedAtMs: number;
  isExpired: boolean;
}

const FRESH_MS = 5 * 60_000;
/** Somebody who is missing may just have joined; so soon after a look they have not. */
const RECHECK_MS = 10_000;
const GROUPS = 2_000;
const TOPIC = "customer-group-changed";

/** Groups in memory: they name many people, and what a sidebar needs of one is cheap to ask again. */
export function createCustomerGroups({
  contact,
  events,
  clock,
}: {
  contact: CustomerContact;
  events: LiveEvents;
  clock: Clock;
}): CustomerGroups {
  const held = new LRUCache<string, HeldGroup>({ max: GROUPS });
  const running = new Map<string, Promise<HeldGroup | null>>();

  events.subscribe(TOPIC, ({ roomId }) => {
    const known = held.get(String(roomId));
    if (known) known.isExpired = true;
  });

  async function pull(roomId: string): Promise<HeldGroup | null> {
    const syncedAtMs = clock.now();
    const group = await contact.getCustomerGroup(roomId);
    const fresh = group && { group, syncedAtMs, isExpired: false };
    if (fresh) held.set(roomId, fresh);
    else held.delete(roomId);
    return fresh;
  }

  function pullOnce(roomId: string): Promise<HeldGroup | null> {
    const current = running.get(roomId);
    if (current) return current;
    const started = pull(roomId).finally(() => running.delete(roomId));
    running.set(roomId, started);
    return started;
  }

  return {
    async getGroup(roomId, memberId) {
      const known = held.get(roomId);
      const isIn = (one: HeldGroup): boolean => one.group.memberIds.includes(memberId);
      const ageMs = known ? clock.now() - known.syncedAtMs : Number.POSITIVE_INFINITY;
      const isGood = known && !known.isExpired && ageMs < (isIn(known) ? FRESH_MS : RECHECK_MS);
      let found: HeldGroup | null = known ?? null;
      let isStale = false;
      if (!isGood) {
        try {
          found = await pullOnce(roomId);
        } catch (error) {
          const trouble = wecomTrouble(error);
          if (!trouble) throw error;
          if (!known || !isIn(known)) throw new AppError(trouble);
          isStale = true;
        }
      }
      if (!found || !isIn(found)) throw new AppError("customer_not_found");
      return { group: found.group, syncedAtMs: found.syncedAtMs, isStale };
    },

    expireGroup: (tx, roomId) => events.publish(tx, TOPIC, { roomId }),
  };
}
