import { z } from "zod";
import type { WecomClient } from "./wecom-client.ts";
import { toMemberId } from "./wecom-id.ts";

export interface Department {
  id: number;
  name: string;
  /** 0 above the root. */
  parentId: number;
  leaderIds: string[];
}

export interface Member {
  id: string;
  name: string;
  position: string;
  departmentIds: number[];
  /** At most five. */
  directLeaderIds: string[];
  /** The departments that this member leads, a part of `departmentIds`. */
  isLeaderIn: number[];
  isActive: boolean;
}

/** The corp's people, as far as the app is allowed to see them (可见范围). */
export interface Directory {
  listDepartments(): Promise<Department[]>;
  /** Those who are directly in the department; its sub-departments are asked for one by one. */
  listMembersOf(departmentId: number): Promise<Member[]>;
  /** Throws `WecomError` 60111 for an id that does not exist. */
  getMember(memberId: string): Promise<Member>;
}

const NO_SUCH_MEMBER = 60111;
const ACTIVE = 1;

/** Lists of ids that may be missing or odd; an odd one must not keep the others from being read. */
const numbers = z.array(z.coerce.number()).catch([]);
const texts = z.array(z.string()).catch([]);

const departmentShape = z
  .object({
    id: z.coerce.number().int(),
    name: z.string().catch(""),
    parentid: z.coerce.number().int().catch(0),
    department_leader: texts,
  })
  .transform((wire): Department => ({
    id: wire.id,
    name: wire.name,
    parentId: wire.parentid,
    leaderIds: wire.department_leader.map(toMemberId),
  }));

const memberShape = z
  .object({
    userid: z.string().min(1),
    name: z.string().catch(""),
    position: z.string().catch(""),
    department: numbers,
    is_leader_in_dept: numbers,
    direct_leader: texts,
    // Absent where the app may not see it; who is listed then counts as active.
    status: z.coerce.number().catch(ACTIVE),
  })
  .transform((wire): Member => ({
    id: toMemberId(wire.userid),
    name: wire.name,
    position: wire.position,
    departmentIds: wire.department,
    directLeaderIds: wire.direct_leader.map(toMemberId),
    isLeaderIn: wire.department.filter((_, index) => wire.is_leader_in_dept[index] === 1),
    isActive: wire.status === ACTIVE,
  }));

const departmentsAnswer = z.object({ department: z.array(departmentShape).default([]) });
const membersAnswer = z.object({ userlist: z.array(memberShape).default([]) });

/** Documents 90208 (departments), 90200 and 90196 (members). With the app's secret: the contacts' own reads no details (48009). */
export function createDirectory(client: WecomClient): Directory {
  return {
    async listDepartments() {
      const answer = await client.call({
        api: "/department/list",
        method: "GET",
        as: "app",
        schema: departmentsAnswer,
      });
      return answer.department;
    },

    async listMembersOf(departmentId) {
      const answer = await client.call({
        api: "/user/list",
        method: "GET",
        as: "app",
        query: { department_id: departmentId },
        schema: membersAnswer,
      });
      return answer.userlist;
    },

    async getMember(memberId) {
      return await client.call({
        api: "/user/get",
        method: "GET",
        as: "app",
        query: { userid: memberId },
        schema: memberShape,
        expected: [NO_SUCH_MEMBER],
      });
    },
  };
}
