/**
 * What the demo company of the WeCom twin consists of. Times are given as an age (`agoMs`, milliseconds before the
 * moment of reading), so that a company is the same value whenever it is generated.
 */

export interface Company {
  corpName: string;
  departments: Department[];
  members: Member[];
  customers: Customer[];
  rooms: Room[];
  corpTags: CorpTagGroup[];
  conversations: Conversation[];
}

export interface Department {
  id: number;
  name: string;
  /** 0 for the root (id 1), as in WeCom. */
  parentId: number;
  leaderIds: string[];
}

export interface Member {
  id: string;
  name: string;
  departmentIds: number[];
  position: string;
  isLeader: boolean;
  directLeaderIds: string[];
  gender: Gender;
  mobile: string;
}

/** WeCom's numbers: 1 male, 2 female. */
export type Gender = 1 | 2;

export interface Customer {
  /** `wm` and 30 characters. */
  id: string;
  /** A WeChat nickname (type 1) or the real name in the other company's WeCom (type 2). */
  name: string;
  /** 1 a WeChat user, 2 a member of another company on WeCom. */
  type: 1 | 2;
  /** Only for type 2. */
  corpName?: string;
  gender: Gender;
  follows: Follow[];
  consent: ArchiveConsent;
}

export type ArchiveConsent = "Agree" | "Disagree" | "Default_Agree";

/** That a member has this customer in the address book, and what the member noted about the customer. */
export interface Follow {
  memberId: string;
  remark: string;
  description: string;
  /** Names out of `Company.corpTags`. */
  tags: string[];
  /** WeCom's add_way number (1 QR code, 2 phone number, 3 name card …). */
  addWay: number;
  createdAgoMs: number;
  mobiles: string[];
}

export interface Room {
  /** `wr` and 30 characters. */
  id: string;
  name: string;
  ownerId: string;
  memberIds: string[];
  customerIds: string[];
}

export interface CorpTagGroup {
  groupName: string;
  tags: string[];
}

export interface Conversation {
  kind: "single" | "group";
  /** The member whose conversation it is; for a group its owner. */
  memberId: string;
  customerId?: string;
  roomId?: string;
  /** Oldest first. */
  messages: Message[];
  /** The category of the one breach in it; absent when there is none. */
  violation?: ViolationCategory;
}

interface MessageBase {
  fromId: string;
  /** For anything but text: the one line that a chat list shows for it. */
  text: string;
  agoMs: number;
}

export type Message = MessageBase &
  (
    | { kind: "text"; extra?: never }
    | { kind: "link"; extra: { title: string; description: string; url: string } }
    | { kind: "card"; extra: { corpName: string; memberId: string } }
    | { kind: "file"; extra: { fileName: string; fileSizeBytes: number } }
    | { kind: "image"; extra: { sample: number } }
    | { kind: "voice" | "video"; extra: { sample: number; seconds: number } }
    /** Any other type, as it lies in the archive. */
    | { kind: "raw"; extra: Record<string, unknown> }
  );

/** The kinds of breach that the demo company's people commit; the same names as the starter rules use. */
export const violationCategories = [
  "ad.superlative",
  "fin.guarantee",
  "ins.mislead",
  "med.efficacy",
  "edu.guarantee",
  "realty.promise",
  "promo.false",
  "deal.private",
  "contact.off",
  "bribe",
  "data.leak",
  "leave.poach",
  "abuse",
  "complaint",
  "promise.extra",
  "loan.illegal",
  "disparage",
  "tax.invoice",
  "fraud",
  "goods.restricted",
  "payment.redpacket",
  "harass",
] as const;

export type ViolationCategory = (typeof violationCategories)[number];
