import type { EntityManager } from "typeorm";

/** A row that says who did what and when, and must go in its time. */
export interface AgedRecord {
  id: string;
  atMs: number;
  /** Whom it names. */
  personIds: string[];
  /** What it was about. */
  conversationIds: string[];
}

export interface RecordPage {
  afterId: string;
  limit: number;
}

/** Whoever keeps such rows: which class they belong to, how old ones are found, and how they go. */
export interface RecordKeeper {
  classId: "reading" | "rule_scan";
  /** Those that are over and came before `untilMs`, by id. */
  listOver(manager: EntityManager, page: RecordPage & { untilMs: number }): Promise<AgedRecord[]>;
  destroy(tx: EntityManager, ids: readonly string[]): Promise<void>;
  /** One step of taking out what says more of a destroyed person than their account; the next place, null at the end. */
  removePerson(
    tx: EntityManager,
    person: DestroyedPerson,
    page: RecordPage,
  ): Promise<string | null>;
}

export interface DestroyedPerson {
  personId: string;
  /** Conversations that are nobody's but theirs, as patterns of SQL's LIKE, with `!` before what is meant as it stands. */
  conversations: readonly string[];
  /** What stands from then on where somebody wrote about them. */
  instead: string;
}

/** As `listOfPerson` of the archive says whose what is. */
export function destroyedPerson(personId: string, kind: "customer" | "member"): DestroyedPerson {
  const id = personId.replace(/[!%_]/g, "!$&");
  return {
    personId,
    conversations: kind === "customer" ? [`s:%:${id}`] : [`i:${id}:%`, `i:%:${id}`],
    instead: "（已随此人的数据销毁）",
  };
}
