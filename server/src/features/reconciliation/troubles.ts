import type { Database } from "../../platform/database/database.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { PullFailure } from "../archive/pull-failure.ts";
import type { UndecodableService, WaitingItems } from "../archive/undecodable.service.ts";
import { AlarmRow } from "./alarm.entity.ts";
import type { TroubleKind } from "./alarm.entity.ts";

/** Something that, if nobody acts, ends in WeCom having forgotten what we do not have. */
export interface Trouble {
  kind: TroubleKind;
  sinceMs: number;
  /** How many items wait; null when nobody can know. */
  count: number | null;
  cause: string;
  remedy: string;
  /** Until when WeCom can be asked for the oldest of it. */
  forgottenAtMs: number;
}

export interface TroublesDeps {
  database: Database;
  reader: Pick<ArchiveReader, "status">;
  undecodable: Pick<UndecodableService, "listWaiting" | "findOldest">;
  /** The words of the health page. */
  explainFailure: (failure: PullFailure) => { what: string; remedy: string };
  explainWaiting: (waiting: readonly WaitingItems[]) => { what: string; remedy: string } | null;
}

/** The clock pulls several times a minute; after so long without an answer something is wrong. */
const STALLED_MS = 30 * 60_000;

/** WeCom keeps an archived message for five days (document 91774). */
export const WECOM_KEEPS_MS = 5 * 24 * 3600_000;

/** All that is wrong at `nowMs`, the one that began first leading. */
export async function findTroubles(deps: TroublesDeps, nowMs: number): Promise<Trouble[]> {
  const found = await Promise.all([findNotPulled(deps, nowMs), findUndecodable(deps)]);
  return found
    .filter((trouble) => trouble !== null)
    .sort((left, right) => left.forgottenAtMs - right.forgottenAtMs);
}

/** Since the last answer of WeCom; before the first one, since this was noticed. */
async function findNotPulled(deps: TroublesDeps, nowMs: number): Promise<Trouble | null> {
  const { pulledAtMs, failure } = await deps.reader.status();
  if (pulledAtMs !== null && nowMs - pulledAtMs < STALLED_MS) return null;
  const noticed = await deps.database.read.findOneBy(AlarmRow, { kind: "not_pulled" });
  const sinceMs = pulledAtMs ?? noticed?.sinceMs ?? nowMs;
  const { what, remedy } = failure
    ? deps.explainFailure(failure)
    : {
        what: pulledAtMs === null ? "还没有拉取过" : "拉取停了",
        remedy: "看看“运行状态”里的“后台任务”一行，必要时重启服务。",
      };
  return {
    kind: "not_pulled",
    sinceMs,
    count: null,
    cause: what,
    remedy,
    forgottenAtMs: sinceMs + WECOM_KEEPS_MS,
  };
}

async function findUndecodable(deps: TroublesDeps): Promise<Trouble | null> {
  const [oldest, waiting] = await Promise.all([
    deps.undecodable.findOldest(),
    deps.undecodable.listWaiting(),
  ]);
  const words = deps.explainWaiting(waiting);
  if (!oldest || !words) return null;
  return {
    kind: "undecodable",
    sinceMs: oldest.receivedAtMs,
    count: waiting.reduce((sum, { count }) => sum + count, 0),
    cause: words.what,
    remedy: words.remedy,
    forgottenAtMs: oldest.sentAtMs + WECOM_KEEPS_MS,
  };
}
