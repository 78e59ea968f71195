/** How a customer came to a member; WeCom's `add_way`, document 92114. */
const addWays = {
  1: "qr_code",
  2: "phone_search",
  3: "card",
  4: "group",
  5: "phone_book",
  6: "wechat_contact",
  8: "third_party_app",
  9: "email",
  10: "channels",
  11: "schedule",
  12: "meeting",
  13: "wechat_friend",
  14: "hardware",
  15: "on_site",
  16: "acquisition_link",
  17: "custom_development",
  18: "demand_reply",
  21: "pre_sales",
  22: "possible_partner",
  24: "wechat_request",
  201: "shared_by_colleague",
  202: "assigned_by_admin",
} as const;

export type AddWay = (typeof addWays)[keyof typeof addWays] | "unknown";

export function addWayOf(code: number): AddWay {
  return Object.hasOwn(addWays, code) ? addWays[code as keyof typeof addWays] : "unknown";
}
