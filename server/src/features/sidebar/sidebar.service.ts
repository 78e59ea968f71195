import type {
  CustomerContext,
  DraftCheckView,
  GroupContext,
  SidebarRules,
  WarningView,
} from "#shared/contract/sidebar";
import type { Clock } from "../../platform/clock.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Logger } from "../../platform/log.ts";
import type { Cases } from "../cases/cases.service.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Members } from "../members/members.service.ts";
import type { Rules } from "../rules/rules.service.ts";
import type { WorkingCalendar } from "#shared/working-calendar";
import type { Actor } from "../sign-in/actor.ts";
import { toCustomerView, toGroupView } from "./customer-view.ts";
import { customerHints, groupHints } from "./policy-hints.ts";

/** The chat beside which a sidebar is open; without either it only hears of rules. */
export interface ChatTarget {
  customerId?: string | undefined;
  chatId?: string | undefined;
}

export interface SidebarListener {
  warning(warning: WarningView): void;
  rules(change: { version: number }): void;
}

/** What a salesperson sees beside a chat. Everything is refused as not found unless it is a chat of theirs. */
export interface Sidebar {
  customerContext(actor: Actor, customerId: string): Promise<CustomerContext>;
  groupContext(actor: Actor, chatId: string): Promise<GroupContext>;
  rules(): Promise<SidebarRules>;
  /** The compiled rules by the name that {@link rules} gave; throws `not_found` when others are in force. */
  rulesFile(name: string): Promise<Buffer>;
  checkDraft(text: string): Promise<DraftCheckView>;
  /** Throws `customer_not_found` when the chat is not the actor's. Returns how to stop. */
  listen(actor: Actor, target: ChatTarget, listener: SidebarListener): Promise<() => void>;
}

interface Deps {
  members: Pick<Members, "namesOf">;
  customers: Pick<Customers, "get" | "getGroup">;
  cases: Pick<Cases, "listForConversation" | "findWarning">;
  ruleBook: Pick<Rules, "draftFile" | "check">;
  events: LiveEvents;
  clock: Clock;
  log: Logger;
  calendar: () => Promise<WorkingCalendar>;
}

export function createSidebar(deps: Deps): Sidebar {
  const { members, customers, cases, ruleBook, events, clock, log } = deps;

  /** Null: no chat is meant. */
  async function conversationOf(
    actor: Actor,
    { customerId, chatId }: ChatTarget,
  ): Promise<string | null> {
    if (customerId !== undefined && chatId !== undefined) throw new AppError("invalid_request");
    if (customerId !== undefined) {
      await customers.get(customerId, actor.memberId);
      return singleChat(actor, customerId);
    }
    if (chatId === undefined) return null;
    await customers.getGroup(chatId, actor.memberId);
    return groupChat(chatId);
  }

  return {
    async customerContext(actor, customerId) {
      const { memberId } = actor;
      const { profile, syncedAtMs, isStale } = await customers.get(customerId, memberId);
      const [names, warnings] = await Promise.all([
        members.namesOf(profile.follows.map((follow) => follow.memberId)),
        cases.listForConversation(singleChat(actor, customerId), memberId),
      ]);
      const customer = toCustomerView(profile, memberId, names);
      const hints = customerHints({
        nowMs: clock.now(),
        calendar: await deps.calendar(),
        consent: customer.consent,
        // A colleague's "do not disturb" binds everybody.
        tags: profile.follows.flatMap((follow) => follow.tags.map(({ name }) => name)),
        otherOwnerNames: customer.owners.filter(({ isMe }) => !isMe).map(({ name }) => name),
        addedAtMs: customer.addedAtMs,
        hasRemark: customer.remark !== "" && customer.remark !== customer.name,
        openCases: countOpen(warnings),
      });
      return { customer, hints, warnings, isStale, syncedAtMs };
    },

    async groupContext(actor, chatId) {
      const { group, syncedAtMs, isStale } = await customers.getGroup(chatId, actor.memberId);
      const [names, warnings] = await Promise.all([
        members.namesOf([group.ownerId]),
        cases.listForConversation(groupChat(chatId), actor.memberId),
      ]);
      const hints = groupHints({
        nowMs: clock.now(),
        calendar: await deps.calendar(),
        customerCount: group.customers.length,
        isOwner: group.ownerId === actor.memberId,
        openCases: countOpen(warnings),
      });
      return { group: toGroupView(group, names), hints, warnings, isStale, syncedAtMs };
    },

    async rules() {
      const { version, name } = await ruleBook.draftFile();
      return { version, file: name };
    },

    async rulesFile(wanted) {
      const { name, bytes } = await ruleBook.draftFile();
      if (name !== wanted) throw new AppError("not_found");
      return bytes;
    },

    checkDraft: (text) => ruleBook.check(text, "member"),

    async listen(actor, target, listener) {
      const conversationId = await conversationOf(actor, target);

      async function tellWarning(caseId: string): Promise<void> {
        const warning = await cases.findWarning(caseId, actor.memberId);
        // The stream may have stood for hours: is it still a chat of theirs? That it is not any more, because one side
        // has deleted the other, they are told all the same.
        if (warning?.occasion !== "removal") await conversationOf(actor, target);
        if (warning) listener.warning(warning);
      }

      const stops = [
        events.subscribe("rules", ({ version }) => listener.rules({ version: Number(version) })),
      ];
      if (conversationId !== null) {
        const onCase = ({ caseId }: Record<string, string | number>): void => {
          tellWarning(String(caseId)).catch((error: unknown) => {
            if (!(error instanceof AppError)) log.warn({ err: error }, "warning was not shown");
          });
        };
        stops.push(events.subscribe(`conversation:${conversationId}`, onCase));
      }
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

function singleChat({ memberId }: Actor, customerId: string): string {
  return `s:${memberId}:${customerId}`;
}

function groupChat(chatId: string): string {
  return `g:${chatId}`;
}

function countOpen(warnings: readonly WarningView[]): number {
  return warnings.filter(({ state }) => state === "open").length;
}
