import type { Department, Member } from "../company/model.ts";
import type { Directory } from "../directory.ts";
import type { World } from "../world.ts";
import { readNumber, readPage, readText, type ApiCall, type Handler } from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

export const listDepartments: Handler = (call, world) => {
  refuseContactsSecret(call);
  return {
    department: chosenDepartments(call, world).map((item) => ({
      id: item.id,
      name: item.name,
      department_leader: item.leaderIds,
      parentid: item.parentId,
      order: orderOf(item),
    })),
  };
};

export const listDepartmentIds: Handler = (call, world) => ({
  department_id: chosenDepartments(call, world).map((item) => ({
    id: item.id,
    parentid: item.parentId,
    order: orderOf(item),
  })),
});

export const getMember: Handler = (call, { directory }) => {
  refuseContactsSecret(call);
  const userid = call.query.get("userid") ?? "";
  if (userid === "") throw new WecomError(40063, "missing parameter userid");
  const member = directory.findMember(userid);
  if (member === undefined) throw new WecomError(60111);
  return formatMember(directory, member);
};

export const listMembers: Handler = (call, { directory }) => {
  refuseContactsSecret(call);
  const members = membersOf(call, directory);
  return { userlist: members.map((member) => formatMember(directory, member)) };
};

export const listSimpleMembers: Handler = (call, { directory }) => {
  refuseContactsSecret(call);
  const members = membersOf(call, directory);
  return {
    userlist: members.map(({ id, name, departmentIds }) => ({
      userid: id,
      name,
      department: departmentIds,
    })),
  };
};

/** One row for each member and department. */
export const listMemberIds: Handler = ({ body }, { directory }) => {
  const limit = readNumber(body, "limit") ?? 10_000;
  if (limit < 1 || limit > 10_000) throw new WecomError(40058, "limit is out of range");
  const rows = directory.members.flatMap((member) =>
    member.departmentIds.map((department) => ({ userid: member.id, department })),
  );
  const { page, nextCursor } = readPage(rows, readText(body, "cursor") ?? "", limit);
  return { dept_user: page, next_cursor: nextCursor };
};

/** The contacts secret may not read details from an address that is new to WeCom. */
function refuseContactsSecret({ kind }: ApiCall): void {
  if (kind === "contacts") throw new WecomError(48009);
}

function chosenDepartments({ query }: ApiCall, { directory }: World): readonly Department[] {
  const id = query.get("id") ?? "";
  if (id === "") return directory.departments;
  const tree = directory.departmentTree(Number(id));
  if (tree.length === 0) throw new WecomError(60123);
  return tree;
}

/** WeCom shows departments by descending order value. */
function orderOf({ id }: Department): number {
  return 100_000_000 - id * 1000;
}

function membersOf({ query }: ApiCall, directory: Directory): Member[] {
  const id = query.get("department_id") ?? "";
  if (id === "") throw new WecomError(40063, "missing parameter department_id");
  if (directory.findDepartment(Number(id)) === undefined) throw new WecomError(60003);
  return directory.membersOfDepartment(Number(id));
}

/** As an app made after June 2022 sees it: without avatar, mobile and mail, and with an empty gender. */
function formatMember(directory: Directory, member: Member) {
  const { id, name, departmentIds, position, directLeaderIds } = member;
  return {
    userid: id,
    name,
    department: departmentIds,
    order: departmentIds.map(() => 0),
    position,
    gender: "0",
    is_leader_in_dept: departmentIds.map((departmentId) => {
      const department = directory.findDepartment(departmentId);
      return department?.leaderIds.includes(id) === true ? 1 : 0;
    }),
    direct_leader: directLeaderIds.slice(0, 5),
    main_department: departmentIds[0] ?? 1,
    extattr: { attrs: [] },
    status: 1,
    telephone: "",
    alias: "",
    external_position: "",
  };
}
