import type { RepullList } from "#shared/contract/reconciliation";
import { eventually } from "../support/eventually.ts";
import { signIn } from "../support/web-client.ts";
import type { Stage } from "./stage.ts";
import { letBackOffsPass } from "./time-passes.ts";

const WITHIN_MS = 90_000;
/** A minute of the product's goes by in so many milliseconds. */
const TIME_PASSES_EVERY_MS = 8_000;

/** What still has to be done, of all that a healthy product does by itself. */
interface Left {
  /** Servers that do not listen. */
  servers: number;
  /** Numbers that the cursor has not passed. */
  seqs: number;
  /** That are not fetched yet. */
  files: number;
  jobs: number;
}

/**
 * Waits until the product has caught up, without a hand on it; only the time of leases and back-offs is made to pass.
 * Then an administrator pulls everything again: that opens what came with a wrong key and doubles nothing. Returns
 * what did not go well.
 */
export async function heal(stage: Stage): Promise<string[]> {
  const passing = setInterval(() => void letBackOffsPass(stage.database), TIME_PASSES_EVERY_MS);
  try {
    await letBackOffsPass(stage.database);
    await catchUp(stage);
    await pullAgain(stage);
    await catchUp(stage);
    return [];
  } catch (error) {
    return [String(error)];
  } finally {
    clearInterval(passing);
  }
}

async function catchUp(stage: Stage): Promise<void> {
  await stage.twin.settled();
  await eventually(
    () => findLeft(stage),
    ({ servers, seqs, files, jobs }) => servers + seqs + files + jobs === 0,
    WITHIN_MS,
  );
}

async function findLeft(stage: Stage): Promise<Left> {
  const { twin, database, servers } = stage;
  const one = async (sql: string): Promise<number> => Number((await database.query(sql))[0]?.["n"]);
  stage.openEntrance(0);
  return {
    servers: servers.filter((server) => server.url() === null).length,
    seqs: twin.archiveState().lastSeq - (await one("SELECT MAX(seq) AS n FROM archive_cursor")),
    files: await one("SELECT COUNT(*) AS n FROM media WHERE state = 'waiting'"),
    // Everything but looks into the archive, of which there is always a next one.
    jobs: await one(
      `SELECT COUNT(*) AS n FROM job WHERE kind <> 'archive.pull'
         AND (state IN ('running', 'dead') OR (state = 'ready' AND (run_at_ms = 0 OR attempts > 0
         OR kind IN ('callbacks.process', 'cases.push-card', 'archive.repull'))))`,
    ),
  };
}

async function pullAgain({ twin }: Stage): Promise<void> {
  const admin = await signIn(twin, "liuyang");
  const path = "/api/admin/archive/repulls";
  const range = { fromSeq: 1, toSeq: twin.archiveState().lastSeq };
  const { status } = await admin.post(path, range);
  if (status !== 201) throw new Error(`pulling again was refused: ${status}`);
  const list = async () => (await admin.get<RepullList>(path)).body.repulls;
  await eventually(list, (repulls) => repulls.every(({ state }) => state === "done"), WITHIN_MS);
}
