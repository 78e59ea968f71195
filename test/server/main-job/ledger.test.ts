import { findLeaves, leafOfMessage } from "../../../server/src/features/archive/message-leaves.ts";
import { placeOfBody } from "../../../server/src/features/archive/sealed-places.ts";
import { verifyInclusion } from "../../../server/src/platform/ledger/merkle.ts";
import { openLedger } from "../../../server/src/platform/ledger/ledger.ts";
import type { Tree } from "../../../server/src/platform/ledger/tree.ts";
import {
  caseWith,
  CHAT,
  cardWith,
  healthLine,
  openVault,
  settle,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";

interface StoredRow {
  seq: string | number;
  msg_id: string;
  key_version: number;
  received_at_ms: string | number;
  conversation_id: string;
  ordinal: string | number;
  sent_at_ms: string | number;
  body: Buffer;
}

forEachDatabase("the ledger of a company", (open) => {
  let company: RunningCompany;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: VIOLATION });
    await settle(company);
  });
  afterAll(() => company.close());

  const entries = (kind: string) =>
    company.product.database.read.query<{ actor_id: string; object_id: string; details: string }[]>(
      "SELECT actor_id, object_id, details FROM ledger_entry WHERE kind = ? ORDER BY position",
      [kind],
    );

  /** The leaf of a stored message, from what the vault opens. */
  async function leafOfRow(row: StoredRow): Promise<Buffer> {
    const vault = openVault(company);
    const seq = Number(row.seq);
    const message = {
      seq,
      msgId: row.msg_id,
      keyVersion: row.key_version,
      receivedAtMs: Number(row.received_at_ms),
      json: await vault.openText(placeOfBody(seq), row.body),
      conversationId: row.conversation_id,
      ordinal: Number(row.ordinal),
      sentAtMs: Number(row.sent_at_ms),
    };
    return leafOfMessage(message, await vault.saltOf(placeOfBody(seq), row.body));
  }

  async function readRows(): Promise<StoredRow[]> {
    return await company.product.database.read.query<StoredRow[]>(
      `SELECT seq, msg_id, key_version, received_at_ms, conversation_id, ordinal, sent_at_ms, body
       FROM message ORDER BY seq`,
    );
  }

  it("vouches for every stored message", async () => {
    const { database } = company.product;
    const tree: Tree = await openLedger(database);
    const root = await tree.rootAt(tree.size);
    const rows = await readRows();
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      const leaf = await leafOfRow(row);
      const seq = Number(row.seq);
      const index = (await findLeaves(database, tree, [{ seq, leaf }])).get(seq);
      const proof = await tree.inclusion(index!, tree.size);
      expect(verifyInclusion({ leaf, index: index!, size: tree.size, root }, proof)).toBe(true);
    }
  });

  it.each(["received_at_ms", "sent_at_ms", "ordinal"] as const)(
    "does not vouch for a message with another %s",
    async (column) => {
      const { database } = company.product;
      const [row] = await readRows();
      const leaf = await leafOfRow({ ...row!, [column]: Number(row![column]) + 1 });
      const tree = await openLedger(database);
      expect(await findLeaves(database, tree, [{ seq: Number(row!.seq), leaf }])).toEqual(
        new Map(),
      );
    },
  );

  it("counts the messages of each conversation", async () => {
    const ordinals = new Map<string, number[]>();
    for (const row of await readRows()) {
      const sofar = ordinals.get(row.conversation_id) ?? [];
      ordinals.set(row.conversation_id, [...sofar, Number(row.ordinal)]);
    }
    expect(ordinals.size).toBeGreaterThan(1);
    for (const found of ordinals.values()) expect(found).toEqual(found.map((_, n) => n + 1));
  });

  it("tells of hits, decisions, readings and rules", async () => {
    const manager = await signIn(company.twin, "zhangwei");
    await cardWith(company.twin, "zhangwei", "保本保息");
    const found = await caseWith(manager, "保本保息");
    expect((await entries("hit.found")).length).toBe(found.findings.length);

    await manager.post(`/api/manager/cases/${found.id}/decision`, { decision: "handled" });
    expect(await entries("case.decided")).toEqual([
      { actor_id: "zhangwei", object_id: found.id, details: '{"decision":"handled"}' },
    ]);

    await manager.post("/api/manager/readings", {
      caseId: found.id,
      purpose: "核对这条提醒的前后文",
    });
    const [reading] = await entries("conversation.read");
    expect(reading).toMatchObject({ actor_id: "zhangwei", details: '{"members":1}' });

    const admin = await signIn(company.twin, "liuyang");
    const written = (await entries("rule.written")).length;
    expect(written).toBeGreaterThan(20);
    const { body } = await admin.get<{ rules: { id: string }[] }>("/api/admin/rules");
    const [rule] = body.rules;
    await admin.post(`/api/admin/rules/${rule!.id}/switch`, { isEnabled: false });
    expect(await entries("rule.disabled")).toEqual([
      { actor_id: "liuyang", object_id: rule!.id, details: "{}" },
    ]);
    expect(await healthLine(admin, "ledger")).toMatchObject({ status: "ok" });
  });
});
