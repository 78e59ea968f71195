import { setTimeout as delay } from "node:timers/promises";
import type { CallbackAnswer } from "../simulator/callbacks.ts";
import type { Random } from "../simulator/company/random.ts";
import { CUSTOMER, ROOM } from "../simulator/testing/small-company.ts";
import { CHAT, VIOLATION } from "../support/main-job-world.ts";
import type { Stage } from "./stage.ts";

/** What the company does while things go wrong, and what it was promised. */
export interface Workload {
  /** The XML of every callback that was answered with success. */
  readonly acknowledged: ReadonlySet<string>;
  readonly counts: { said: number; sent: number; breaches: number };
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const ROOM_CHAT = `group:${ROOM}`;
const PAUSE_MS = 40;
/** WeCom tries four times. */
const TRIES = 4;
const TRY_AGAIN_MS = 100;
/** WeCom drops what an app sends a member beyond 30 messages a minute (document 90236). */
const MAX_BREACHES = 25;
const SUCCESS = "success";

export function startWorkload(stage: Stage, random: Random): Workload {
  const { twin } = stage;
  const acknowledged = new Set<string>();
  const counts = { said: 0, sent: 0, breaches: 0 };
  const underWay = new Set<Promise<void>>();
  let isStopped = false;
  const recallable: string[] = [];

  function say(): void {
    counts.said += 1;
    const conversationId = random.chance(0.25) ? ROOM_CHAT : CHAT;
    const to = { conversationId, fromId: "chenli" };
    if (random.chance(0.04)) {
      const fileName = `报价${counts.said}.pdf`;
      const extra = { fileName, fileSizeBytes: random.int(1, 4000) };
      twin.sendMessage({ ...to, text: fileName, content: { kind: "file", text: fileName, extra } });
      return;
    }
    const isBreach = counts.breaches < MAX_BREACHES && random.chance(0.05);
    if (isBreach) counts.breaches += 1;
    const text = isBreach ? `${VIOLATION}，第${counts.said}次` : `好的，第${counts.said}件事明天办`;
    const { id } = twin.sendMessage({ ...to, text });
    if (random.chance(0.05)) recallable.push(id);
    if (random.chance(0.05) && recallable.length > 0) twin.recall(recallable.shift()!);
  }

  /** An event of its own kind is only kept; the other makes the product act. */
  function nextEvent(): string {
    counts.sent += 1;
    const id = `campaign-${counts.sent}`;
    return twin.formatEvent(
      "sys",
      random.chance(0.8)
        ? { Event: "campaign", EventKey: id }
        : {
            Event: "change_external_contact",
            ChangeType: "edit_external_contact",
            UserID: "chenli",
            ExternalUserID: CUSTOMER,
            State: id,
          },
    );
  }

  async function deliver(xml: string): Promise<void> {
    for (let attempt = 1; attempt <= TRIES && !isStopped; attempt += 1) {
      const answer: CallbackAnswer = await twin.postCallback("app", twin.signCallback("app", xml));
      if (answer.status === 200 && answer.body === SUCCESS) {
        acknowledged.add(xml);
        return;
      }
      await delay(TRY_AGAIN_MS);
    }
  }

  function track(work: Promise<void>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  async function work(): Promise<void> {
    while (!isStopped) {
      stage.openEntrance(random.int(0, 1));
      const messages = random.chance(0.02) ? random.int(50, 150) : random.int(0, 2);
      for (let index = 0; index < messages; index += 1) say();
      for (let index = random.int(0, 2); index > 0; index -= 1) track(deliver(nextEvent()));
      await delay(PAUSE_MS);
    }
  }

  const working = work();
  return {
    acknowledged,
    counts,
    async stop() {
      isStopped = true;
      await working;
      await Promise.all(underWay);
    },
  };
}
