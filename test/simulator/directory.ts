import { createHash } from "node:crypto";
import type {
  ArchiveConsent,
  Company,
  CorpTagGroup,
  Customer,
  Department,
  Member,
  Room,
} from "./company/model.ts";
import { findSetting, saveSetting, type Store } from "./store.ts";

/** A member's entry for a customer, as the member keeps it (changed by the API, so it lives in the store). */
export interface FollowEntry {
  memberId: string;
  customerId: string;
  remark: string;
  description: string;
  company: string;
  mobiles: string[];
  tagIds: string[];
  /** Tags of the member's own, which have no id. */
  personalTags: string[];
  addWay: number;
  createdAtMs: number;
}

export interface CorpTag {
  id: string;
  name: string;
  groupId: string;
  groupName: string;
}

interface Snapshot {
  /** First start of this data file; the company's ages count from here. */
  foundedAtMs: number;
  /** Without its conversations: the messages have a table of their own. */
  company: Company;
}

/**
 * Who works in the corp, who its customers are and who follows whom. The company of the first start stays:
 * a later start with another company does not change a data file.
 */
export interface Directory {
  readonly corpName: string;
  readonly foundedAtMs: number;
  readonly departments: readonly Department[];
  readonly members: readonly Member[];
  readonly customers: readonly Customer[];
  readonly rooms: readonly Room[];
  readonly tags: readonly CorpTag[];
  /** Userids are case-insensitive on the wire. */
  findMember: (memberId: string) => Member | undefined;
  findCustomer: (customerId: string) => Customer | undefined;
  findRoom: (roomId: string) => Room | undefined;
  findDepartment: (id: number) => Department | undefined;
  /** A department and all below it. */
  departmentTree: (id: number) => Department[];
  membersOfDepartment: (id: number) => Member[];
  /** Members in 客户联系 使用范围: those who have customers. */
  hasCustomerContact: (memberId: string) => boolean;
  followersOf: (customerId: string) => FollowEntry[];
  followsOf: (memberId: string) => FollowEntry[];
  findFollow: (memberId: string, customerId: string) => FollowEntry | undefined;
  saveFollow: (entry: FollowEntry) => void;
  removeFollow: (memberId: string, customerId: string) => void;
  setConsent: (customerId: string, consent: ArchiveConsent) => void;
  nameOf: (personId: string) => string;
}

/** Seats the company in an empty data file (`isNew`); otherwise the file’s own company stays. */
export function openDirectory(
  store: Store,
  company: Company,
  nowMs: number,
): { directory: Directory; isNew: boolean } {
  const saved = findSetting(store, "company");
  if (saved !== undefined) {
    return { directory: createDirectory(store, JSON.parse(saved) as Snapshot), isNew: false };
  }
  const snapshot: Snapshot = { foundedAtMs: nowMs, company: { ...company, conversations: [] } };
  const directory = createDirectory(store, snapshot);
  saveSetting(store, "company", JSON.stringify(snapshot));
  seatFollows(directory, company.customers, nowMs);
  return { directory, isNew: true };
}

function seatFollows(directory: Directory, customers: readonly Customer[], nowMs: number): void {
  const idOfTag = new Map(directory.tags.map((tag) => [tag.name, tag.id]));
  for (const customer of customers) {
    for (const follow of customer.follows) {
      const { memberId, remark, description, addWay, mobiles, tags } = follow;
      directory.saveFollow({
        memberId,
        customerId: customer.id,
        remark,
        description,
        company: customer.corpName ?? "",
        mobiles,
        tagIds: tags.flatMap((tag) => idOfTag.get(tag) ?? []),
        personalTags: tags.filter((tag) => !idOfTag.has(tag)),
        addWay,
        createdAtMs: nowMs - follow.createdAgoMs,
      });
    }
  }
}

function createDirectory(store: Store, snapshot: Snapshot): Directory {
  const { company, foundedAtMs } = snapshot;
  const members = new Map(company.members.map((member) => [member.id.toLowerCase(), member]));
  const customers = new Map(company.customers.map((customer) => [customer.id, customer]));
  const rooms = new Map(company.rooms.map((room) => [room.id, room]));
  const departments = new Map(company.departments.map((item) => [item.id, item]));
  const follows = openFollows(store);
  const findMember = (id: string) => members.get(id.toLowerCase());
  const departmentTree = (id: number): Department[] => {
    const root = departments.get(id);
    if (root === undefined) return [];
    const children = company.departments.filter((item) => item.parentId === id);
    return [root, ...children.flatMap((child) => departmentTree(child.id))];
  };
  return {
    corpName: company.corpName,
    foundedAtMs,
    departments: company.departments,
    members: company.members,
    customers: company.customers,
    rooms: company.rooms,
    tags: company.corpTags.flatMap(listTags),
    findMember,
    findCustomer: (id) => customers.get(id),
    findRoom: (id) => rooms.get(id),
    findDepartment: (id) => departments.get(id),
    departmentTree,
    membersOfDepartment: (id) =>
      company.members.filter((member) => member.departmentIds.includes(id)),
    hasCustomerContact: (memberId) => follows.followsOf(memberId).length > 0,
    ...follows,
    setConsent(customerId, consent) {
      const customer = customers.get(customerId);
      if (customer === undefined) throw new Error(`There is no customer ${customerId}.`);
      customer.consent = consent;
      saveSetting(store, "company", JSON.stringify(snapshot));
    },
    nameOf: (id) => findMember(id)?.name ?? customers.get(id)?.name ?? id,
  };
}

function listTags({ groupName, tags }: CorpTagGroup): CorpTag[] {
  const groupId = tagId(groupName);
  return tags.map((name) => ({ id: tagId(`${groupName}/${name}`), name, groupId, groupName }));
}

/** `et` and 30 characters, the same for the same name. */
function tagId(name: string): string {
  return `et${createHash("sha256").update(name).digest("hex").slice(0, 30)}`;
}

type Follows = Pick<
  Directory,
  "followersOf" | "followsOf" | "findFollow" | "saveFollow" | "removeFollow"
>;

type FollowRow = Omit<FollowEntry, "mobiles" | "tagIds" | "personalTags"> &
  Record<"mobiles" | "tagIds" | "personalTags", string>;

function openFollows(store: Store): Follows {
  const byCustomer = store.prepare(
    "SELECT * FROM follows WHERE customerId = ? ORDER BY createdAtMs, memberId",
  );
  const byMember = store.prepare(
    "SELECT * FROM follows WHERE memberId = ? ORDER BY createdAtMs, customerId",
  );
  const one = store.prepare("SELECT * FROM follows WHERE memberId = ? AND customerId = ?");
  const save = store.prepare(
    `INSERT OR REPLACE INTO follows VALUES (@memberId, @customerId, @remark, @description, @company,
     @mobiles, @tagIds, @personalTags, @addWay, @createdAtMs)`,
  );
  const remove = store.prepare("DELETE FROM follows WHERE memberId = ? AND customerId = ?");
  return {
    followersOf: (customerId) => (byCustomer.all(customerId) as FollowRow[]).map(readFollow),
    followsOf: (memberId) => (byMember.all(memberId) as FollowRow[]).map(readFollow),
    findFollow(memberId, customerId) {
      const row = one.get(memberId, customerId) as FollowRow | undefined;
      return row === undefined ? undefined : readFollow(row);
    },
    saveFollow(entry) {
      save.run({
        ...entry,
        mobiles: JSON.stringify(entry.mobiles),
        tagIds: JSON.stringify(entry.tagIds),
        personalTags: JSON.stringify(entry.personalTags),
      });
    },
    removeFollow(memberId, customerId) {
      remove.run(memberId, customerId);
    },
  };
}

function readFollow(row: FollowRow): FollowEntry {
  return {
    ...row,
    mobiles: JSON.parse(row.mobiles) as string[],
    tagIds: JSON.parse(row.tagIds) as string[],
    personalTags: JSON.parse(row.personalTags) as string[],
  };
}
