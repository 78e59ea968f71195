/** What is known of a message beside its text, and the conditions that ask for it. Pure; the server fills it in. */

/** With one customer, in a group with customers, between two of the corp, in a group of the corp's own. */
export const scenes = ["single", "group", "internal", "internal_group"] as const;
export type Scene = (typeof scenes)[number];

/** What a message may be or hold; others are not asked for. */
export const contentKinds = [
  "text",
  "image",
  "voice",
  "video",
  "file",
  "link",
  "card",
  "location",
  "emotion",
  "weapp",
  "redpacket",
  "call",
  "chatrecord",
  "document",
  "meeting",
  "channels",
] as const;
export type ContentKind = (typeof contentKinds)[number];

/** A piece of a message: itself, or what a mixed or forwarded one holds. */
export interface MessageContent {
  readonly kind: string;
  /** Of a file: in small letters, without the dot; "" when it has none. */
  readonly extension?: string | undefined;
  readonly bytes?: number | undefined;
}

/** What is left out is not known. */
export interface MessageFacts {
  readonly scene?: Scene | undefined;
  /** Sent within working hours of a working day. */
  readonly isWorkingTime?: boolean | undefined;
  readonly memberId?: string | undefined;
  /** The member's departments with all that are above them. */
  readonly departmentIds?: readonly number[] | undefined;
  readonly customerTags?: readonly string[] | undefined;
  readonly contents?: readonly MessageContent[] | undefined;
  /** How long after it was sent a message was taken back; null: none was. */
  readonly recalledAfterMs?: number | null | undefined;
  /** Nothing was said: the speaker has deleted the other side (删除好友). Left out: it is a message. */
  readonly isRemoval?: true | undefined;
}

export type FactCondition =
  | { readonly kind: "scene"; readonly anyOf: readonly Scene[] }
  | { readonly kind: "time"; readonly isWorkingTime: boolean }
  /** Whose conversation it is: one of these, or somebody of these departments or of any below them. */
  | {
      readonly kind: "member";
      readonly departmentIds: readonly number[];
      readonly memberIds: readonly string[];
    }
  | { readonly kind: "customer"; readonly tags: readonly string[] }
  /** Extensions and size are asked of the same piece as the kind. */
  | {
      readonly kind: "content";
      readonly anyOf: readonly ContentKind[];
      readonly extensions?: readonly string[] | undefined;
      readonly atLeastBytes?: number | undefined;
    }
  /** A message was taken back, at most so long after it was sent. */
  | { readonly kind: "recall"; readonly withinMinutes: number }
  /** The speaker has deleted the other side: an act without a message. Whose act is the rule's `speaker` to say. */
  | { readonly kind: "removal" };

const factKinds = new Set(["scene", "time", "member", "customer", "content", "recall", "removal"]);

export function isFact(condition: { readonly kind: string }): condition is FactCondition {
  return factKinds.has(condition.kind);
}

/** Is it so? `undefined` when that is not known. */
export function holdsFact(fact: FactCondition, facts: MessageFacts): boolean | undefined {
  switch (fact.kind) {
    case "scene":
      return facts.scene && fact.anyOf.includes(facts.scene);
    case "time":
      return facts.isWorkingTime === undefined
        ? undefined
        : facts.isWorkingTime === fact.isWorkingTime;
    case "member":
      return isOneOf(fact, facts);
    case "customer":
      return facts.customerTags?.some((tag) => fact.tags.includes(tag));
    case "content":
      return facts.contents?.some((content) => isSuch(content, fact));
    case "recall":
      if (facts.recalledAfterMs === undefined) return undefined;
      return facts.recalledAfterMs !== null && facts.recalledAfterMs <= fact.withinMinutes * 60_000;
    case "removal":
      return facts.isRemoval === true;
  }
}

function isOneOf(
  { departmentIds, memberIds }: FactCondition & { kind: "member" },
  facts: MessageFacts,
): boolean | undefined {
  if (facts.memberId !== undefined && memberIds.includes(facts.memberId)) return true;
  const inDepartment = facts.departmentIds?.some((id) => departmentIds.includes(id));
  return facts.memberId === undefined && inDepartment !== true
    ? undefined
    : (inDepartment ?? false);
}

function isSuch(content: MessageContent, wanted: FactCondition & { kind: "content" }): boolean {
  const { anyOf, extensions, atLeastBytes } = wanted;
  if (!anyOf.some((kind) => kind === content.kind)) return false;
  if (extensions !== undefined && extensions.length > 0) {
    if (!extensions.some((one) => one.toLowerCase() === content.extension)) return false;
  }
  return atLeastBytes === undefined || (content.bytes ?? 0) >= atLeastBytes;
}
