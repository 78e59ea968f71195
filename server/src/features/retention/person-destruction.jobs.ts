import { z } from "zod";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import { DESTROY_PERSON } from "./person-destruction.service.ts";
import type { PersonDestructions } from "./person-destruction.service.ts";

const RUN = "retention.destroy-person";
const AGAIN_MS = 30_000;
const VALID_MS = 14 * 24 * 3600_000;
const payload = z.object({ id: z.string() });

/** A second person's yes starts it; whoever else destroys something at that moment is waited for. */
export function registerPersonDestruction({
  jobs,
  database,
  approvals,
  people,
}: {
  jobs: Jobs;
  database: Database;
  approvals: Pick<Approvals, "register">;
  people: PersonDestructions;
}): void {
  approvals.register({
    kind: DESTROY_PERSON,
    permission: "person.destroy.approve",
    payload,
    validMs: VALID_MS,
    describe: async ({ payload: { id } }) => {
      const found = (await people.list()).find((one) => one.id === id);
      const who = found
        ? `${found.kind === "customer" ? "客户" : "成员"} ${found.personId}`
        : "一个人";
      return { title: `彻底销毁${who}的全部数据，无法恢复`, path: "/admin/retention" };
    },
    onApproved: async (tx, { payload: { id }, decidedBy }) => {
      await people.approve(tx, id, decidedBy);
      await jobs.enqueue(tx, RUN, { id }, { dedupe: `${RUN}:${id}` });
    },
    onEnded: (tx, { payload: { id } }) => people.refuse(tx, id),
  });

  jobs.register({
    kind: RUN,
    payload,
    async run({ id }) {
      if ((await people.run(id)) === "done") return;
      return async (tx) => {
        const runAtMs = (await database.nowMs(tx)) + AGAIN_MS;
        await jobs.enqueue(tx, RUN, { id }, { dedupe: `${RUN}:${id}@${runAtMs}`, runAtMs });
      };
    },
  });
}
