import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import type { Conversations } from "../archive/conversations.service.ts";
import type { MessageSearch } from "../archive/message-search.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Media } from "../media/media.service.ts";
import type { Members } from "../members/members.service.ts";
import { createAllowance } from "./allowance.ts";
import type { Allowance, EmergencyOfReader } from "./allowance.ts";
import { createConversationViews } from "./conversation-views.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { createExtensions } from "./extensions.service.ts";
import type { Extensions } from "./extensions.service.ts";
import { createMessageViews } from "./message-views.ts";
import { createReaderPages } from "./reader-pages.service.ts";
import type { ReaderPages } from "./reader-pages.service.ts";
import { createReadings } from "./readings.service.ts";
import type { Readings } from "./readings.service.ts";
import { createReadingScopes } from "./reading-scope.ts";
import type { ReadingScopes } from "./reading-scope.ts";
import { createSearches } from "./search.service.ts";
import type { Searches } from "./search.service.ts";
import { createUnmasking } from "./unmasking.service.ts";
import type { UnmaskableCase, Unmasking } from "./unmasking.service.ts";

export interface Reading {
  readings: Readings;
  pages: ReaderPages;
  searches: Searches;
  scopes: ReadingScopes;
  extensions: Extensions;
  allowance: Allowance;
  unmasking: Unmasking;
  views: Pick<ConversationViews, "namesOf" | "titlesOf">;
}

export interface ReadingDeps {
  database: Database;
  vault: Vault;
  clock: Clock;
  members: Members;
  access: Access;
  customers: Customers;
  conversations: Conversations;
  messages: MessageSearch;
  countUnopened: () => Promise<number>;
  hitMarks: HitMarks;
  openCase: (readerId: string, caseId: string) => Promise<UnmaskableCase>;
  onUnmasked: (tx: EntityManager, readingId: string) => Promise<void>;
  approvals: Pick<Approvals, "register" | "request">;
  /** The emergency that is open for the reader now: whom it names, until when. */
  emergencyOf: (readerId: string) => Promise<EmergencyOfReader | undefined>;
  media: Pick<Media, "standingOf">;
  /** 「李小姐」 → 「李**」 */
  maskName: (name: string) => string;
  /** Stars long numbers; every UTF-16 unit keeps its place. */
  maskNumbers: (text: string) => string;
}

/** Reading and searching the archive: who may, for what reason, and what of it is shown. */
export function createReading(deps: ReadingDeps): Reading {
  const scopes = createReadingScopes(deps);
  const conversationViews = createConversationViews(deps);
  const messageViews = createMessageViews(deps);
  const readings = createReadings({ ...deps, scopes, views: conversationViews });
  const extensions = createExtensions({
    ...deps,
    views: conversationViews,
    findReadable: (readerId, id) => readings.findReadable(readerId, id),
  });
  const allowance = createAllowance({ ...deps, extensions });
  const own = { scopes, readings, extensions, allowance };
  const common = { ...deps, ...own, conversationViews, messageViews };
  const pages = createReaderPages(common);
  return {
    ...own,
    views: conversationViews,
    pages,
    unmasking: createUnmasking({ ...common, pages }),
    searches: createSearches(common),
  };
}
