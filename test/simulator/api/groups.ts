import { createHash } from "node:crypto";
import type { Room } from "../company/model.ts";
import type { Directory } from "../directory.ts";
import {
  readFields,
  readNumber,
  readPage,
  readText,
  readTexts,
  requireText,
  type Handler,
} from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

export const listGroupChats: Handler = ({ body }, { directory }) => {
  const limit = readNumber(body, "limit") ?? 0;
  if (limit < 1 || limit > 1000) throw new WecomError(40058, "limit is out of range");
  const owners = readTexts(readFields(body, "owner_filter"), "userid_list");
  if (owners.length > 100) throw new WecomError(40058);
  // Every group here has an owner in service, so the other filters find nothing.
  const isNormal = (readNumber(body, "status_filter") ?? 0) === 0;
  const rooms = directory.rooms.filter(
    (room) => isNormal && (owners.length === 0 || owners.includes(room.ownerId)),
  );
  const { page, nextCursor } = readPage(rooms, readText(body, "cursor") ?? "", limit);
  return {
    group_chat_list: page.map(({ id }) => ({ chat_id: id, status: 0 })),
    ...(nextCursor === "" ? {} : { next_cursor: nextCursor }),
  };
};

export const getGroupChat: Handler = ({ body }, { directory }) => {
  const room = directory.findRoom(requireText(body, "chat_id"));
  if (room === undefined) throw new WecomError(40050);
  return { group_chat: formatRoom(directory, room, readNumber(body, "need_name") === 1) };
};

function formatRoom(directory: Directory, room: Room, hasNames: boolean) {
  const joined = Math.floor(directory.foundedAtMs / 1000);
  const people = [
    ...room.memberIds.map((userid) => ({ userid, type: 1 })),
    ...room.customerIds.map((userid) => ({ userid, type: 2 })),
  ];
  return {
    chat_id: room.id,
    name: room.name,
    owner: room.ownerId,
    create_time: joined,
    notice: "",
    member_list: people.map(({ userid, type }) => ({
      userid,
      type,
      join_time: joined,
      join_scene: 1,
      ...(userid === room.ownerId ? {} : { invitor: { userid: room.ownerId } }),
      group_nickname: "",
      ...(hasNames ? { name: directory.nameOf(userid) } : {}),
    })),
    admin_list: [{ userid: room.ownerId }],
    member_version: createHash("md5").update(JSON.stringify(people)).digest("hex"),
  };
}
