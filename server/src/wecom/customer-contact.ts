import { z } from "zod";
import { addWayOf } from "./add-way.ts";
import type { AddWay } from "./add-way.ts";
import type { WecomClient } from "./wecom-client.ts";
import { WecomError } from "./wecom-error.ts";
import { toMemberId, toPartyId } from "./wecom-id.ts";

export interface Customer {
  id: string;
  /** The nickname in WeChat, or the name in the other corp. */
  name: string;
  /** False: a member of another corp in WeCom. */
  isWechat: boolean;
  corpName: string | null;
  avatarUrl: string | null;
  gender: "male" | "female" | "unknown";
  follows: Follow[];
}

/** One member's relation to the customer. */
export interface Follow {
  memberId: string;
  remark: string;
  description: string;
  addedAtMs: number;
  addWay: AddWay;
  tags: CustomerTag[];
  mobiles: string[];
}

export interface CustomerTag {
  group: string;
  name: string;
  kind: "corp" | "personal" | "strategy";
}

export interface CustomerGroup {
  id: string;
  name: string;
  ownerId: string;
  memberIds: string[];
  customers: { id: string; name: string }[];
  createdAtMs: number;
}

export interface CustomerContact {
  /** Null when nobody (or nobody whom the app may see) has this customer. */
  getCustomer(customerId: string): Promise<Customer | null>;
  /** Null for a group that is dissolved, or is no group with customers of ours. */
  getCustomerGroup(roomId: string): Promise<CustomerGroup | null>;
}

const NO_CUSTOMER = [84061];
/** No customer of ours in it, dissolved, no customer group (twice), ids that name no group (twice). */
const NO_GROUP = [84061, 49008, 90501, 90509, 40050, 86001];
/** Followers come by 500; a customer whom 10,000 members follow does not exist. */
const MAX_PAGES = 20;

const text = z.string().catch("");
const optionalText = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => (value ? value : null));

const tagShape = z
  .object({ group_name: text, tag_name: text, type: z.coerce.number().catch(1) })
  .transform((wire): CustomerTag => ({
    group: wire.group_name,
    name: wire.tag_name,
    kind: wire.type === 2 ? "personal" : wire.type === 3 ? "strategy" : "corp",
  }));

const followShape = z
  .object({
    userid: z.string().min(1),
    remark: text,
    description: text,
    createtime: z.coerce.number().catch(0),
    add_way: z.coerce.number().catch(0),
    tags: z.array(tagShape).catch([]),
    remark_mobiles: z.array(z.string()).catch([]),
  })
  .transform((wire): Follow => ({
    memberId: toMemberId(wire.userid),
    remark: wire.remark,
    description: wire.description,
    addedAtMs: wire.createtime * 1000,
    addWay: addWayOf(wire.add_way),
    tags: wire.tags,
    mobiles: wire.remark_mobiles.filter((mobile) => mobile !== ""),
  }));

const customerAnswer = z.object({
  external_contact: z.object({
    external_userid: z.string().min(1),
    name: text,
    type: z.coerce.number().catch(1),
    avatar: optionalText,
    gender: z.coerce.number().catch(0),
    corp_name: optionalText,
  }),
  follow_user: z.array(followShape).default([]),
  next_cursor: text,
});

const groupAnswer = z.object({
  group_chat: z.object({
    chat_id: z.string().min(1),
    name: text,
    owner: text,
    create_time: z.coerce.number().catch(0),
    member_list: z
      .array(z.object({ userid: z.string().min(1), type: z.coerce.number(), name: text }))
      .default([]),
  }),
});

/** Documents 92114 (customer) and 92122 (group). */
export function createCustomerContact(client: WecomClient): CustomerContact {
  async function readPage(customerId: string, cursor: string) {
    return await client.call({
      api: "/externalcontact/get",
      method: "GET",
      as: "app",
      query: { external_userid: customerId, ...(cursor !== "" && { cursor }) },
      schema: customerAnswer,
      expected: NO_CUSTOMER,
    });
  }

  async function readCustomer(customerId: string): Promise<Customer> {
    const first = await readPage(customerId, "");
    const follows = [...first.follow_user];
    let cursor = first.next_cursor;
    for (let pages = 1; cursor !== "" && pages < MAX_PAGES; pages += 1) {
      const page = await readPage(customerId, cursor);
      follows.push(...page.follow_user);
      cursor = page.next_cursor;
    }
    const contact = first.external_contact;
    return {
      id: contact.external_userid,
      name: contact.name,
      isWechat: contact.type === 1,
      corpName: contact.corp_name,
      avatarUrl: contact.avatar,
      gender: contact.gender === 1 ? "male" : contact.gender === 2 ? "female" : "unknown",
      follows,
    };
  }

  async function readGroup(roomId: string): Promise<CustomerGroup> {
    const { group_chat: group } = await client.call({
      api: "/externalcontact/groupchat/get",
      method: "POST",
      as: "app",
      body: { chat_id: roomId, need_name: 1 },
      schema: groupAnswer,
      expected: NO_GROUP,
    });
    const isMember = (entry: { type: number }): boolean => entry.type === 1;
    return {
      id: group.chat_id,
      name: group.name,
      ownerId: toPartyId(group.owner),
      memberIds: group.member_list.filter(isMember).map(({ userid }) => toMemberId(userid)),
      customers: group.member_list
        .filter((entry) => !isMember(entry))
        .map(({ userid, name }) => ({ id: userid, name })),
      createdAtMs: group.create_time * 1000,
    };
  }

  return {
    getCustomer: (customerId) => nullOn(NO_CUSTOMER, readCustomer(customerId)),
    getCustomerGroup: (roomId) => nullOn(NO_GROUP, readGroup(roomId)),
  };
}

async function nullOn<T>(errcodes: readonly number[], result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof WecomError && errcodes.includes(error.errcode)) return null;
    throw error;
  }
}
