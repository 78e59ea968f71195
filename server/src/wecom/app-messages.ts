import { z } from "zod";
import type { WecomConfig } from "../config.ts";
import { buttonCardBody, textCardBody } from "./card-body.ts";
import type { ButtonCard, ButtonCardContent, TextCard } from "./card-body.ts";
import { cardText } from "./card-text.ts";
import type { WecomClient } from "./wecom-client.ts";
import { WecomError } from "./wecom-error.ts";
import { toMemberId } from "./wecom-id.ts";

export interface PushedMessage {
  /** Null when nobody could be reached, or when an earlier try whose answer was lost had sent it already. */
  messageId: string | null;
  /** Good for one update of the card, for 72 hours. Null when there is none. */
  responseCode: string | null;
  /** Who does not exist or is not within the app's scope; the others have it. */
  invalidMemberIds: string[];
}

export type CardUpdate = {
  responseCode: string;
  /** Whose copies change; the others keep theirs. */
  memberIds: readonly string[];
} & (
  | {
      /** Stands where the buttons were. */
      replacedText: string;
      /** New content as well; without it the card stays and only its buttons give way. */
      card?: ButtonCardContent;
    }
  | { replacedText?: undefined; card: ButtonCardContent }
);

/** Messages from the app to members. Documents 90236 (send) and 94888 (update). */
export interface AppMessages {
  /** May be repeated: a card is shown once for its task id. A repeat has no code; a tap brings a fresh one. */
  pushCard(card: ButtonCard): Promise<PushedMessage>;
  pushTextCard(card: TextCard): Promise<PushedMessage>;
  /** `isUpdated` false: the code was used before or is too old, and the card stays as it is. */
  updateCard(update: CardUpdate): Promise<{ isUpdated: boolean; invalidMemberIds: string[] }>;
}

const MAX_RECIPIENTS = 1000;
const NOBODY_REACHED = 81013;
/** "Not valid" in WeCom's list. Its form was checked here, so it can only have been used. */
const TASK_ID_USED = 42014;
const CODE_USED = 60140;
/** Seconds within which WeCom drops the same message to the same person. */
const DUPLICATE_CHECK_SECONDS = 1800;
/** More is cut on the button's place. */
const MAX_REPLACED_LENGTH = 20;

const sendAnswer = z.object({
  msgid: z.string().catch(""),
  response_code: z.string().catch(""),
  /** `a|b` here, in lower case. */
  invaliduser: z.string().catch(""),
});

const updateAnswer = z.object({ invaliduser: z.array(z.string()).catch([]) });

export function createAppMessages(config: WecomConfig, client: WecomClient): AppMessages {
  async function send(memberIds: readonly string[], message: object): Promise<PushedMessage> {
    checkRecipients(memberIds);
    try {
      const answer = await client.call({
        api: "/message/send",
        method: "POST",
        as: "app",
        body: {
          touser: memberIds.join("|"),
          agentid: config.agentId,
          ...message,
          enable_duplicate_check: 1,
          duplicate_check_interval: DUPLICATE_CHECK_SECONDS,
        },
        schema: sendAnswer,
        expected: [NOBODY_REACHED, TASK_ID_USED],
      });
      return {
        messageId: answer.msgid || null,
        responseCode: answer.response_code || null,
        invalidMemberIds: answer.invaliduser.split("|").filter(Boolean).map(toMemberId),
      };
    } catch (error) {
      const errcode = error instanceof WecomError ? error.errcode : 0;
      if (errcode !== NOBODY_REACHED && errcode !== TASK_ID_USED) throw error;
      const invalidMemberIds = errcode === NOBODY_REACHED ? [...memberIds] : [];
      return { messageId: null, responseCode: null, invalidMemberIds };
    }
  }

  return {
    pushCard: (card) =>
      send(card.toMemberIds, { msgtype: "template_card", template_card: buttonCardBody(card) }),

    pushTextCard: (card) =>
      send(card.toMemberIds, { msgtype: "textcard", textcard: textCardBody(card) }),

    async updateCard(update) {
      checkRecipients(update.memberIds);
      try {
        const answer = await client.call({
          api: "/message/update_template_card",
          method: "POST",
          as: "app",
          body: {
            userids: update.memberIds,
            agentid: config.agentId,
            response_code: update.responseCode,
            ...changeBody(update),
          },
          schema: updateAnswer,
          expected: [CODE_USED],
        });
        return { isUpdated: true, invalidMemberIds: answer.invaliduser.map(toMemberId) };
      } catch (error) {
        if (!(error instanceof WecomError && error.errcode === CODE_USED)) throw error;
        return { isUpdated: false, invalidMemberIds: [] };
      }
    },
  };
}

function changeBody({ replacedText, card }: CardUpdate): Record<string, unknown> {
  const text = replacedText === undefined ? "" : cardText(replacedText, MAX_REPLACED_LENGTH);
  if (!card) return { button: { replace_name: text } };
  return { template_card: { ...buttonCardBody(card), ...(text !== "" && { replace_text: text }) } };
}

function checkRecipients(memberIds: readonly string[]): void {
  const isSound = memberIds.length >= 1 && memberIds.length <= MAX_RECIPIENTS;
  // "|" would name another person, and "@all" is everybody.
  if (!isSound || memberIds.some((id) => !/^[^|@\s][^|\s]{0,63}$/.test(id))) {
    throw new Error(`a message goes to 1 to ${MAX_RECIPIENTS} members by id`);
  }
}
