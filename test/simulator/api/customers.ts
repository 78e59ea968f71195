import type { Customer } from "../company/model.ts";
import type { FollowEntry } from "../directory.ts";
import type { World } from "../world.ts";
import {
  readNumber,
  readPage,
  readText,
  readTexts,
  requireText,
  type Fields,
  type Handler,
} from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

export const getFollowUserList: Handler = (_, { directory }) => ({
  follow_user: directory.members
    .map(({ id }) => id)
    .filter((memberId) => directory.hasCustomerContact(memberId)),
});

export const listCustomers: Handler = ({ query }, world) => {
  const memberId = requireMember(world, query.get("userid") ?? "");
  const follows = world.directory.followsOf(memberId);
  // A member without customers is an error here, not an empty list.
  if (follows.length === 0) throw new WecomError(84061);
  return { external_userid: follows.map(({ customerId }) => customerId) };
};

export const getCustomer: Handler = ({ query }, { directory }) => {
  const customerId = query.get("external_userid") ?? "";
  if (!/^w[mo]/.test(customerId)) throw new WecomError(40096);
  const customer = directory.findCustomer(customerId);
  const followers = directory.followersOf(customerId);
  if (customer === undefined || followers.length === 0) throw new WecomError(84061);
  return {
    external_contact: formatCustomer(customer),
    follow_user: followers.map((follow) => ({
      ...formatFollow(follow),
      tags: formatTags(directory.tags, follow),
    })),
  };
};

export const getCustomersByMembers: Handler = ({ body }, world) => {
  const memberIds = readTexts(body, "userid_list").map((id) => requireMember(world, id));
  if (memberIds.length === 0 || memberIds.length > 100) throw new WecomError(40058);
  const limit = readNumber(body, "limit") ?? 50;
  if (limit < 1 || limit > 100) throw new WecomError(40058, "limit is out of range");
  const follows = memberIds.flatMap((id) => world.directory.followsOf(id));
  const { page, nextCursor } = readPage(follows, readText(body, "cursor") ?? "", limit);
  return {
    external_contact_list: page.flatMap((follow) => {
      const customer = world.directory.findCustomer(follow.customerId);
      if (customer === undefined) return [];
      const follow_info = { ...formatFollow(follow), tag_id: follow.tagIds };
      return [{ external_contact: formatCustomer(customer), follow_info }];
    }),
    next_cursor: nextCursor,
  };
};

/** Fields that are left out stay; `[""]` clears the phone numbers. */
export const remarkCustomer: Handler = ({ body }, world) => {
  const follow = requireFollow(world, body);
  const mobiles =
    body["remark_mobiles"] === undefined ? undefined : readTexts(body, "remark_mobiles");
  world.directory.saveFollow({
    ...follow,
    remark: readText(body, "remark") ?? follow.remark,
    description: readText(body, "description") ?? follow.description,
    company: readText(body, "remark_company") ?? follow.company,
    mobiles: mobiles?.filter((mobile) => mobile !== "") ?? follow.mobiles,
  });
  return {};
};

export const listCorpTags: Handler = ({ body }, { directory }) => {
  const tagIds = readTexts(body, "tag_id");
  const groupIds = readTexts(body, "group_id");
  const isWanted = (tag: { id: string; groupId: string }) => {
    if (groupIds.length > 0) return groupIds.includes(tag.groupId);
    return tagIds.length === 0 || tagIds.includes(tag.id);
  };
  const tags = directory.tags.filter(isWanted);
  const created = Math.floor(directory.foundedAtMs / 1000);
  const groups = [...new Set(tags.map(({ groupId }) => groupId))];
  return {
    tag_group: groups.map((groupId, order) => {
      const own = tags.filter((tag) => tag.groupId === groupId);
      return {
        group_id: groupId,
        group_name: own[0]?.groupName ?? "",
        create_time: created,
        order,
        tag: own.map(({ id, name }, index) => ({ id, name, create_time: created, order: index })),
      };
    }),
  };
};

export const markTags: Handler = ({ body }, world) => {
  const follow = requireFollow(world, body);
  const added = readTexts(body, "add_tag");
  const removed = readTexts(body, "remove_tag");
  if (added.length + removed.length === 0) throw new WecomError(40058);
  const known = new Set(world.directory.tags.map(({ id }) => id));
  if ([...added, ...removed].some((id) => !known.has(id))) throw new WecomError(40068);
  const kept = follow.tagIds.filter((id) => !removed.includes(id) && !added.includes(id));
  world.directory.saveFollow({ ...follow, tagIds: [...kept, ...added] });
  return {};
};

/** The userid as the corp writes it. */
function requireMember({ directory }: World, userid: string): string {
  if (userid === "") throw new WecomError(40063, "missing parameter userid");
  const member = directory.findMember(userid);
  if (member === undefined) throw new WecomError(60111);
  return member.id;
}

function requireFollow(world: World, body: Fields): FollowEntry {
  const memberId = requireMember(world, requireText(body, "userid"));
  const follow = world.directory.findFollow(memberId, requireText(body, "external_userid"));
  if (follow === undefined) throw new WecomError(84061);
  return follow;
}

function formatCustomer({ id, name, type, gender, corpName }: Customer) {
  const corp = corpName === undefined ? {} : { corp_name: corpName, corp_full_name: corpName };
  return { external_userid: id, name, type, avatar: "", gender, ...corp };
}

function formatFollow(follow: FollowEntry) {
  return {
    userid: follow.memberId,
    remark: follow.remark,
    description: follow.description,
    createtime: Math.floor(follow.createdAtMs / 1000),
    remark_corp_name: follow.company,
    remark_mobiles: follow.mobiles,
    oper_userid: follow.memberId,
    add_way: follow.addWay,
    state: "",
  };
}

/** Corp tags (type 1) with their id, the member's own (type 2) without. */
function formatTags(
  tags: World["directory"]["tags"],
  { tagIds, personalTags }: FollowEntry,
): Fields[] {
  const corp = tags
    .filter(({ id }) => tagIds.includes(id))
    .map(({ id, name, groupName }) => ({
      group_name: groupName,
      tag_name: name,
      tag_id: id,
      type: 1,
    }));
  return [...corp, ...personalTags.map((name) => ({ group_name: "", tag_name: name, type: 2 }))];
}
