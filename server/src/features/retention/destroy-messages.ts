import type { EntityManager } from "typeorm";
import type { AgedMessage, ArchiveExpiry } from "../archive/expiry.ts";

/** Messages with all that hangs on them; returns the numbers of those that had a case. */
export type DestroyMessages = (tx: EntityManager, messages: AgedMessage[]) => Promise<number[]>;

export interface DestroyMessagesDeps {
  archive: Pick<ArchiveExpiry, "destroy">;
  /** Returns the numbers of those that had a case. */
  forgetCases: (tx: EntityManager, seqs: readonly number[]) => Promise<number[]>;
  forgetCustomers: (tx: EntityManager, customerIds: readonly string[]) => Promise<void>;
  /** What others keep of messages, to be destroyed with them. */
  forget: readonly ((tx: EntityManager, seqs: readonly number[]) => Promise<void>)[];
}

export function createDestroyMessages(deps: DestroyMessagesDeps): DestroyMessages {
  return async (tx, messages) => {
    const seqs = messages.map(({ seq }) => seq);
    for (const forget of deps.forget) await forget(tx, seqs);
    const withCase = await deps.forgetCases(tx, seqs);
    await deps.forgetCustomers(tx, await deps.archive.destroy(tx, messages));
    return withCase;
  };
}
