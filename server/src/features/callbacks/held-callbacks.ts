import { v7 as uuidv7 } from "uuid";
import type { CallbackReceiver, WecomConfig } from "../../config.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Logger } from "../../platform/log.ts";
import { VaultSealedError } from "../../platform/vault/keyring.ts";
import { openDelivery } from "../../wecom/callback-crypto.ts";
import type { CallbackQuery } from "../../wecom/callback-crypto.ts";
import { HeldCallback } from "./inbox.entity.ts";
import { nameEvent } from "./inbox.service.ts";
import type { Inbox } from "./inbox.service.ts";

/** A callback as it came: readable only with the receiver's EncodingAESKey, which is not in the database. */
export interface Delivery {
  query: CallbackQuery;
  body: string;
}

/**
 * Keeps callbacks that come while the vault has no key. What WeCom was told has arrived must not be lost, and nothing
 * may lie readable, so it is kept as WeCom encrypted it and goes into the inbox when the vault is open.
 */
export interface HeldCallbacks {
  /** Settles once the event is durably stored, in the inbox or here. */
  receive(receiver: CallbackReceiver, xml: string, delivery: Delivery): Promise<void>;
  /** Into the inbox with what can be opened; returns how many. Throws `VaultSealedError` when it is too early. */
  release(): Promise<number>;
  count(): Promise<number>;
}

interface Deps {
  database: Database;
  clock: Clock;
  log: Logger;
  inbox: Pick<Inbox, "receive">;
  wecom: Pick<WecomConfig, "corpId" | "receivers">;
}

const STEP = 200;

export function createHeldCallbacks({ database, clock, log, inbox, wecom }: Deps): HeldCallbacks {
  async function hold(row: Pick<HeldCallback, "receiver" | "dedupe">, delivery: Delivery) {
    await database.write((tx) =>
      insertNew(tx, "held_callback", "dedupe", [
        {
          id: uuidv7(),
          ...row,
          delivery: JSON.stringify(delivery),
          received_at_ms: clock.now(),
        },
      ]),
    );
  }

  /** Null when its receiver has other keys by now: then it stays, and the health page says so. */
  function open({ receiver: name, delivery }: HeldCallback): string | null {
    const receiver = wecom.receivers[name];
    const { query, body } = JSON.parse(delivery) as Delivery;
    try {
      return receiver ? openDelivery(receiver, wecom.corpId, query, body) : null;
    } catch {
      return null;
    }
  }

  return {
    async receive(receiver, xml, { query, body }) {
      try {
        await inbox.receive(receiver, xml);
      } catch (error) {
        if (!(error instanceof VaultSealedError)) throw error;
        await hold({ receiver, dedupe: nameEvent(receiver, xml) }, { query: { ...query }, body });
      }
    },

    async release() {
      let released = 0;
      for (let after = ""; ;) {
        const rows = await database.read
          .createQueryBuilder(HeldCallback, "h")
          .where("h.id > :after", { after })
          .orderBy("h.id")
          .limit(STEP)
          .getMany();
        for (const row of rows) {
          const xml = open(row);
          if (xml === null) continue;
          // Known already when a run before this one ended here.
          await inbox.receive(row.receiver, xml);
          await database.write((tx) => tx.delete(HeldCallback, { id: row.id }));
          released += 1;
        }
        after = rows.at(-1)?.id ?? after;
        if (rows.length < STEP) break;
      }
      if (released > 0) log.info({ released }, "callbacks from before the vault was open");
      return released;
    },

    count: () => database.read.count(HeldCallback),
  };
}
