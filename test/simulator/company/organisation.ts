import type { CorpTagGroup, Department, Gender, Member } from "./model.ts";
import type { Field } from "./script.ts";

/** The invented company: it sells savings and insurance (销售一部), business software and devices (销售二部). */
export const corpName = "禾盛汇科技集团";

interface Team {
  departmentId: number;
  field: Field;
}

/** The teams that sell, and what each sells. */
const salesTeams: readonly Team[] = [
  { departmentId: 31, field: "wealth" },
  { departmentId: 32, field: "insurance" },
  { departmentId: 41, field: "software" },
  { departmentId: 42, field: "hardware" },
];

const departmentRows: readonly [id: number, name: string, parentId: number, leaderId: string][] = [
  [1, corpName, 0, "sunjianping"],
  [2, "总经理办公室", 1, "sunjianping"],
  [3, "销售一部", 1, "zhoumin"],
  [31, "销售一部一组", 3, "zhangwei"],
  [32, "销售一部二组", 3, "linxiaoyan"],
  [4, "销售二部", 1, "gaofeng"],
  [41, "销售二部一组", 4, "zhengkai"],
  [42, "销售二部二组", 4, "dengqiang"],
  [5, "合规部", 1, "wangfang"],
  [6, "信息技术部", 1, "liuyang"],
  [7, "人力资源部", 1, "hanxue"],
  [8, "审计部", 1, "fangyuan"],
];

type MemberRow = [
  id: string,
  name: string,
  departmentId: number,
  position: string,
  gender: Gender,
  superiorId: string,
];

/** Stable ids: tests and the README name chenli, zhangwei, liuyang and wangfang. */
const memberRows: readonly MemberRow[] = [
  ["sunjianping", "孙建平", 2, "总经理", 1, ""],
  ["zhoumin", "周敏", 3, "销售一部总监", 2, "sunjianping"],
  ["zhangwei", "张伟", 31, "销售一部一组组长", 1, "zhoumin"],
  ["chenli", "陈丽", 31, "理财经理", 2, "zhangwei"],
  ["wuhao", "吴昊", 31, "理财经理", 1, "zhangwei"],
  ["linxiaoyan", "林晓燕", 32, "销售一部二组组长", 2, "zhoumin"],
  ["xujie", "徐杰", 32, "保险顾问", 1, "linxiaoyan"],
  ["huangting", "黄婷", 32, "保险顾问", 2, "linxiaoyan"],
  ["gaofeng", "高峰", 4, "销售二部总监", 1, "sunjianping"],
  ["zhengkai", "郑凯", 41, "销售二部一组组长", 1, "gaofeng"],
  ["majun", "马骏", 41, "软件顾问", 1, "zhengkai"],
  ["zhuyuting", "朱雨婷", 41, "软件顾问", 2, "zhengkai"],
  ["dengqiang", "邓强", 42, "销售二部二组组长", 1, "gaofeng"],
  ["luoyi", "罗怡", 42, "设备顾问", 2, "dengqiang"],
  ["tangbo", "唐博", 42, "设备顾问", 1, "dengqiang"],
  ["wangfang", "王芳", 5, "合规主管", 2, "sunjianping"],
  ["liuyang", "刘洋", 6, "系统管理员", 1, "sunjianping"],
  ["shenxin", "沈欣", 6, "安全管理员", 2, "liuyang"],
  ["hanxue", "韩雪", 7, "人力资源主管", 2, "sunjianping"],
  ["fangyuan", "方远", 8, "审计专员", 1, "sunjianping"],
];

export function createDepartments(): Department[] {
  return departmentRows.map(([id, name, parentId, leaderId]) => ({
    id,
    name,
    parentId,
    leaderIds: [leaderId],
  }));
}

export function createMembers(): Member[] {
  const leaderIds = new Set(departmentRows.map((row) => row[3]));
  return memberRows.map(([id, name, departmentId, position, gender, superiorId], index) => ({
    id,
    name,
    departmentIds: [departmentId],
    position,
    isLeader: leaderIds.has(id),
    directLeaderIds: superiorId === "" ? [] : [superiorId],
    gender,
    mobile: `1390013${String(8100 + index)}`,
  }));
}

/** The members of the sales teams, team leads among them. */
export function listSalespeople(members: readonly Member[]): Member[] {
  return members.filter((member) => findField(member) !== undefined);
}

/** What this member sells; undefined for everyone who is in no sales team. */
export function findField(member: Member): Field | undefined {
  return salesTeams.find((team) => member.departmentIds.includes(team.departmentId))?.field;
}

export const corpTags: readonly CorpTagGroup[] = [
  { groupName: "客户等级", tags: ["A类重点", "B类跟进", "C类普通"] },
  { groupName: "客户阶段", tags: ["初次接触", "需求沟通", "方案报价", "已成交", "复购"] },
  { groupName: "关注产品", tags: ["理财", "保险", "企业软件", "智能设备"] },
  { groupName: "客户来源", tags: ["老客户转介绍", "线下活动", "官网留言", "门店扫码"] },
];
