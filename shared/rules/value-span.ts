/** What values there are; how they are found is in values.ts. */

export const valueKinds = [
  "id_card",
  "bank_card",
  "credit_code",
  "mobile",
  "landline",
  "email",
  "plate",
  "wechat_id",
  "qq_id",
  "link",
  "amount",
] as const;
export type ValueKind = (typeof valueKinds)[number];

/** A value found in a text; [start, end) in UTF-16 units of the original. */
export interface ValueSpan {
  readonly start: number;
  readonly end: number;
  /** As read: plain digits and letters. */
  readonly value: string;
}
