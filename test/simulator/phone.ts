import { randomBytes } from "node:crypto";
import type { PhoneItem } from "./client-contract.ts";
import { raiseCounter, type Store } from "./store.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** More than this to one member is dropped without a word. */
const MAX_PER_MINUTE = 30;
const MAX_PER_HOUR = 1000;
/** A response code works once within three days. */
const RESPONSE_CODE_LIFETIME_MS = 72 * HOUR_MS;

export interface PhoneListener {
  onItem: (memberId: string, item: PhoneItem) => void;
  onItemUpdated: (memberId: string, item: PhoneItem) => void;
}

/** What the app pushed to members' phones. */
export interface Phone {
  push: (memberIds: string[], kind: PhoneItem["kind"], body: PhoneItem["body"]) => string;
  list: (memberId: string) => PhoneItem[];
  find: (memberId: string, msgid: string) => PhoneItem | undefined;
  receiversOf: (msgid: string) => string[];
  /** Replaces the buttons by one text, or the whole card, in one member's copy. */
  update: (memberId: string, msgid: string, change: CardChange) => void;
  recall: (msgid: string, notBeforeMs: number) => "recalled" | "unknown" | "too_old";
  /** Task ids are unique within the app. */
  saveTask: (taskId: string, msgid: string) => void;
  hasTask: (taskId: string) => boolean;
  issueResponseCode: (msgid: string) => string;
  /** The message it belongs to; undefined when the code is unknown, used or too old. */
  useResponseCode: (code: string) => string | undefined;
}

export interface CardChange {
  replacedButton?: string | null;
  body?: PhoneItem["body"];
}

interface ItemRow {
  msgid: string;
  memberId: string;
  atMs: number;
  kind: PhoneItem["kind"];
  body: string;
  replacedButton: string | null;
  recalledAtMs: number | null;
}

export function openPhone(store: Store, listener: PhoneListener, now: () => number): Phone {
  const insert = store.prepare(
    `INSERT INTO appMessages VALUES (NULL, @msgid, @memberId, @atMs, @kind, @body, NULL, NULL)`,
  );
  const countSince = store.prepare(
    "SELECT COUNT(*) AS n FROM appMessages WHERE memberId = ? AND atMs > ?",
  );
  const one = store.prepare("SELECT * FROM appMessages WHERE memberId = ? AND msgid = ?");
  const ofMember = store.prepare("SELECT * FROM appMessages WHERE memberId = ? ORDER BY number");
  const ofMessage = store.prepare("SELECT * FROM appMessages WHERE msgid = ? ORDER BY number");
  const change = store.prepare(
    `UPDATE appMessages SET body = @body, replacedButton = @replacedButton
     WHERE memberId = @memberId AND msgid = @msgid`,
  );
  const markRecalled = store.prepare("UPDATE appMessages SET recalledAtMs = ? WHERE msgid = ?");
  const find = (memberId: string, msgid: string) => {
    const row = one.get(memberId, msgid) as ItemRow | undefined;
    return row === undefined ? undefined : viewItem(row);
  };
  const sentSince = (memberId: string, ageMs: number) =>
    (countSince.get(memberId, now() - ageMs) as { n: number }).n;
  const isOverLimit = (memberId: string) =>
    sentSince(memberId, MINUTE_MS) >= MAX_PER_MINUTE ||
    sentSince(memberId, HOUR_MS) >= MAX_PER_HOUR;
  const rowsOf = (msgid: string) => ofMessage.all(msgid) as ItemRow[];
  const announce = (memberId: string, msgid: string) => {
    const item = find(memberId, msgid);
    if (item !== undefined) listener.onItemUpdated(memberId, item);
  };

  return {
    push(memberIds, kind, body) {
      const msgid = `app-${raiseCounter(store, "app-message")}-${randomBytes(8).toString("hex")}`;
      for (const memberId of memberIds) {
        if (isOverLimit(memberId)) continue;
        const row = { msgid, memberId, atMs: now(), kind, body: JSON.stringify(body) };
        insert.run(row);
        listener.onItem(memberId, viewItem({ ...row, replacedButton: null, recalledAtMs: null }));
      }
      return msgid;
    },
    list: (memberId) => (ofMember.all(memberId) as ItemRow[]).map(viewItem),
    find,
    receiversOf: (msgid) => rowsOf(msgid).map((row) => row.memberId),
    update(memberId, msgid, { replacedButton, body }) {
      const item = find(memberId, msgid);
      if (item === undefined) return;
      change.run({
        memberId,
        msgid,
        body: JSON.stringify(body ?? item.body),
        replacedButton: replacedButton === undefined ? item.replacedButton : replacedButton,
      });
      announce(memberId, msgid);
    },
    recall(msgid, notBeforeMs) {
      const rows = rowsOf(msgid);
      const first = rows[0];
      if (first === undefined) return "unknown";
      if (first.atMs < notBeforeMs) return "too_old";
      markRecalled.run(now(), msgid);
      for (const row of rows) announce(row.memberId, msgid);
      return "recalled";
    },
    ...openCardCodes(store, now),
  };
}

function openCardCodes(
  store: Store,
  now: () => number,
): Pick<Phone, "saveTask" | "hasTask" | "issueResponseCode" | "useResponseCode"> {
  const addTask = store.prepare("INSERT INTO cardTasks VALUES (?, ?)");
  const oneTask = store.prepare("SELECT 1 FROM cardTasks WHERE taskId = ?");
  const addCode = store.prepare("INSERT INTO responseCodes VALUES (?, ?, ?, 0)");
  const useCode = store.prepare(
    `UPDATE responseCodes SET isUsed = 1 WHERE code = ? AND isUsed = 0 AND expiresAtMs > ?
     RETURNING msgid`,
  );
  return {
    saveTask: (taskId, msgid) => void addTask.run(taskId, msgid),
    hasTask: (taskId) => oneTask.get(taskId) !== undefined,
    issueResponseCode(msgid) {
      const code = randomBytes(24).toString("base64url");
      addCode.run(code, msgid, now() + RESPONSE_CODE_LIFETIME_MS);
      return code;
    },
    useResponseCode: (code) => (useCode.get(code, now()) as { msgid: string } | undefined)?.msgid,
  };
}

function viewItem(row: ItemRow): PhoneItem {
  return {
    msgId: row.msgid,
    atMs: row.atMs,
    kind: row.kind,
    body: JSON.parse(row.body) as PhoneItem["body"],
    replacedButton: row.replacedButton,
    isRecalled: row.recalledAtMs !== null,
  };
}
