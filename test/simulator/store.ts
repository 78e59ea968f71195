import Database from "better-sqlite3";

export type Store = Database.Database;

/**
 * The twin's whole state, so that a second start goes on where the first one ended. `counters` holds
 * everything that must never restart (archive seqs, message numbers), even if rows were removed.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS follows (
  memberId TEXT NOT NULL, customerId TEXT NOT NULL, remark TEXT NOT NULL, description TEXT NOT NULL,
  company TEXT NOT NULL, mobiles TEXT NOT NULL, tagIds TEXT NOT NULL, personalTags TEXT NOT NULL,
  addWay INTEGER NOT NULL, createdAtMs INTEGER NOT NULL, PRIMARY KEY (memberId, customerId)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversations (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, memberId TEXT NOT NULL, customerId TEXT, roomId TEXT,
  lastText TEXT NOT NULL, lastAtMs INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversationId TEXT NOT NULL,
  fromId TEXT NOT NULL, atMs INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
  recalledAtMs INTEGER
);
CREATE INDEX IF NOT EXISTS messagesOfConversation ON messages (conversationId, number);
CREATE TABLE IF NOT EXISTS archiveKeys (
  version INTEGER PRIMARY KEY, publicPem TEXT NOT NULL, privatePem TEXT NOT NULL,
  delivered INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS archiveItems (
  seq INTEGER PRIMARY KEY, msgid TEXT NOT NULL, atMs INTEGER NOT NULL, keyVersion INTEGER NOT NULL,
  plain TEXT NOT NULL, encryptRandomKey TEXT NOT NULL, encryptChatMsg TEXT NOT NULL,
  corrupt TEXT
);
CREATE TABLE IF NOT EXISTS media (
  fileId TEXT PRIMARY KEY, authKey TEXT NOT NULL, atMs INTEGER NOT NULL, ciphertext BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY, kind TEXT NOT NULL, expiresAtMs INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tickets (
  ticket TEXT PRIMARY KEY, kind TEXT NOT NULL, expiresAtMs INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS oauthCodes (
  code TEXT PRIMARY KEY, personId TEXT NOT NULL, expiresAtMs INTEGER NOT NULL, isUsed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS appMessages (
  number INTEGER PRIMARY KEY, msgid TEXT NOT NULL, memberId TEXT NOT NULL, atMs INTEGER NOT NULL,
  kind TEXT NOT NULL, body TEXT NOT NULL, replacedButton TEXT, recalledAtMs INTEGER,
  UNIQUE (msgid, memberId)
);
CREATE INDEX IF NOT EXISTS appMessagesOfMember ON appMessages (memberId, number);
CREATE TABLE IF NOT EXISTS cardTasks (taskId TEXT PRIMARY KEY, msgid TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS responseCodes (
  code TEXT PRIMARY KEY, msgid TEXT NOT NULL, expiresAtMs INTEGER NOT NULL, isUsed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS interceptRules (
  ruleId TEXT PRIMARY KEY, createdAtMs INTEGER NOT NULL, rule TEXT NOT NULL, isDeleted INTEGER NOT NULL
) WITHOUT ROWID;
`;

/** Opens (and prepares) the data file; `:memory:` for a twin that forgets. */
export function openStore(file: string): Store {
  const store = new Database(file);
  store.pragma("journal_mode = WAL");
  store.pragma("synchronous = NORMAL");
  store.exec(SCHEMA);
  return store;
}

export function findSetting(store: Store, name: string): string | undefined {
  const row = store.prepare("SELECT value FROM settings WHERE name = ?").get(name);
  return (row as { value: string } | undefined)?.value;
}

export function saveSetting(store: Store, name: string, value: string): void {
  store.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(name, value);
}

/** Raises a counter by `step` and returns its new value; the first value is `step`. */
export function raiseCounter(store: Store, name: string, step = 1): number {
  const row = store
    .prepare(
      `INSERT INTO counters (name, value) VALUES (@name, @step)
       ON CONFLICT (name) DO UPDATE SET value = value + @step RETURNING value`,
    )
    .get({ name, step });
  return (row as { value: number }).value;
}

export function readCounter(store: Store, name: string): number {
  const row = store.prepare("SELECT value FROM counters WHERE name = ?").get(name);
  return (row as { value: number } | undefined)?.value ?? 0;
}
