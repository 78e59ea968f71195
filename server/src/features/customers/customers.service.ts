import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Effect } from "../../platform/jobs/jobs.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchiveConsent, ConsentPair, ConsentState } from "../../wecom/archive-consent.ts";
import type { Customer, CustomerContact } from "../../wecom/customer-contact.ts";
import { WecomError } from "../../wecom/wecom-error.ts";
import { looksExternal } from "../../wecom/wecom-id.ts";
import { createCustomerGroups } from "./customer-groups.ts";
import type { CustomerGroups } from "./customer-groups.ts";
import { readCustomer, storeCustomer } from "./customer-profile.ts";
import type { CustomerProfile, StoredCustomer } from "./customer-profile.ts";
import { wecomTrouble } from "./wecom-trouble.ts";

export type { CustomerProfile } from "./customer-profile.ts";

export interface CustomerRecord extends StoredCustomer {
  /** WeCom could not be asked; this is what it said last. */
  isStale: boolean;
}

export interface Customers extends CustomerGroups {
  /**
   * The customer as one of their followers may see them, at most five minutes old while WeCom answers.
   * Throws `customer_not_found` when the member does not follow the customer, or there is none.
   */
  get(customerId: string, forMemberId: string): Promise<CustomerRecord>;
  /** However old it is; null when it is not known and WeCom does not tell. */
  nameOf(customerId: string): Promise<string | null>;
  /** The names of all tags that members gave them, as last read from WeCom; undefined when nobody has looked at them. */
  tagsOf(customerId: string): Promise<string[] | undefined>;
  /** After WeCom told of a change: reads the customer anew; undefined when nobody has looked at them yet. */
  refresh(customerId: string): Promise<Effect | undefined>;
}

interface Deps {
  database: Database;
  vault: Vault;
  events: LiveEvents;
  clock: Clock;
  contact: CustomerContact;
  checkConsent: (pairs: readonly ConsentPair[]) => Promise<ConsentState[]>;
  /** What the customer said last in archived messages, by member. */
  readSaidConsents: (
    customerId: string,
  ) => Promise<ReadonlyMap<string, { state: ArchiveConsent; atMs: number }>>;
}

type Consents = Pick<CustomerProfile, "consents" | "consentChangedAtMs">;

const FRESH_MS = 5 * 60_000;
/** A member who is missing may have added the customer a moment ago; so soon after a look they have not. */
const RECHECK_MS = 10_000;
/** Not the id of a customer. */
const INVALID_ID = 40096;

export function createCustomers(deps: Deps): Customers {
  const { database, vault, clock, contact } = deps;
  const running = new Map<string, Promise<StoredCustomer | null>>();

  const readStored = (customerId: string): Promise<StoredCustomer | undefined> =>
    readCustomer(database.read, vault, customerId);

  /** The consents do not decide whether the customer can be shown, so their failure changes nothing. */
  async function pullConsents(
    { id, follows }: Customer,
    before: CustomerProfile | undefined,
  ): Promise<Consents> {
    const pairs = follows.map(({ memberId }) => ({ memberId, customerId: id }));
    try {
      const states = await deps.checkConsent(pairs);
      return {
        consents: Object.fromEntries(states.map(({ memberId, consent }) => [memberId, consent])),
        consentChangedAtMs: Object.fromEntries(
          states.flatMap(({ memberId, changedAtMs }) =>
            changedAtMs === null ? [] : [[memberId, changedAtMs]],
          ),
        ),
      };
    } catch (error) {
      if (!wecomTrouble(error)) throw error;
      return {
        consents: before?.consents ?? {},
        ...(before?.consentChangedAtMs && { consentChangedAtMs: before.consentChangedAtMs }),
      };
    }
  }

  /** WeCom's interface or the customer's own message in the archive: what is newer counts. */
  async function withSaidConsents(record: CustomerRecord): Promise<CustomerRecord> {
    const { profile } = record;
    const consents = { ...profile.consents };
    for (const [memberId, { state, atMs }] of await deps.readSaidConsents(profile.id)) {
      if (atMs > (profile.consentChangedAtMs?.[memberId] ?? 0)) consents[memberId] = state;
    }
    return { ...record, profile: { ...profile, consents } };
  }

  async function pullCustomer(customerId: string): Promise<Customer | null> {
    try {
      return await contact.getCustomer(customerId);
    } catch (error) {
      if (error instanceof WecomError && error.errcode === INVALID_ID) return null;
      throw error;
    }
  }

  async function pull(customerId: string): Promise<StoredCustomer | null> {
    const syncedAtMs = clock.now();
    const [customer, before] = await Promise.all([
      pullCustomer(customerId),
      readStored(customerId),
    ]);
    if (customer) {
      const consents = await pullConsents(customer, before?.profile);
      return { profile: { ...customer, ...consents }, syncedAtMs };
    }
    // Nobody has them any more: the name stays for old cases, the access does not.
    return before ? { profile: { ...before.profile, follows: [] }, syncedAtMs } : null;
  }

  async function pullAndStore(customerId: string): Promise<StoredCustomer | null> {
    const pulled = await pull(customerId);
    if (pulled) await database.write((tx) => storeCustomer(tx, vault, pulled));
    return pulled;
  }

  function pullOnce(customerId: string): Promise<StoredCustomer | null> {
    const current = running.get(customerId);
    if (current) return current;
    const started = pullAndStore(customerId).finally(() => running.delete(customerId));
    running.set(customerId, started);
    return started;
  }

  async function getRecord(customerId: string, memberId: string): Promise<CustomerRecord | null> {
    const stored = await readStored(customerId);
    const ageMs = stored ? clock.now() - stored.syncedAtMs : Number.POSITIVE_INFINITY;
    const isMine = stored !== undefined && isFollowedBy(stored, memberId);
    if (stored && ageMs < (isMine ? FRESH_MS : RECHECK_MS)) return { ...stored, isStale: false };
    try {
      const pulled = await pullOnce(customerId);
      return pulled && { ...pulled, isStale: false };
    } catch (error) {
      const trouble = wecomTrouble(error);
      if (!trouble) throw error;
      // Whether somebody has become a follower meanwhile cannot be told, so nothing is told.
      if (!isMine) throw new AppError(trouble);
      return { ...stored, isStale: true };
    }
  }

  return {
    ...createCustomerGroups(deps),

    async get(customerId, memberId) {
      const record = looksExternal(customerId) ? await getRecord(customerId, memberId) : null;
      if (!record || !isFollowedBy(record, memberId)) throw new AppError("customer_not_found");
      return await withSaidConsents(record);
    },

    async nameOf(customerId) {
      if (!looksExternal(customerId)) return null;
      try {
        const known = (await readStored(customerId)) ?? (await pullOnce(customerId));
        return known?.profile.name ?? null;
      } catch (error) {
        if (wecomTrouble(error)) return null;
        throw error;
      }
    },

    async tagsOf(customerId) {
      const follows = (await readStored(customerId))?.profile.follows;
      return follows && [...new Set(follows.flatMap(({ tags }) => tags.map(({ name }) => name)))];
    },

    async refresh(customerId) {
      if (!(await readStored(customerId))) return undefined;
      const pulled = await pull(customerId);
      return pulled ? (tx) => storeCustomer(tx, vault, pulled) : undefined;
    },
  };
}

function isFollowedBy({ profile }: StoredCustomer, memberId: string): boolean {
  return profile.follows.some((follow) => follow.memberId === memberId);
}
