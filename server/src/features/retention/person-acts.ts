import type { EntityManager } from "typeorm";
import type { PersonKind } from "#shared/contract/person-destruction";
import type { ActCase } from "../cases/act-expiry.ts";
import { heldActs } from "./due.ts";

/** A person's cases of what was done without a message; a customer's, as single chats are. Few, so all at once. */
export interface PersonActs {
  /** Numbers: those that can be destroyed, and those that a hold keeps. */
  count(manager: EntityManager, person: Person): Promise<{ free: number; held: number }>;
  /** Destroys those that no hold keeps; returns the same numbers. */
  destroy(tx: EntityManager, person: Person): Promise<{ free: number; held: number }>;
}

interface Person {
  personId: string;
  kind: PersonKind;
}

export interface PersonActsDeps {
  listOf: (manager: EntityManager, customerId: string) => Promise<ActCase[]>;
  forget: (tx: EntityManager, acts: readonly ActCase[]) => Promise<void>;
}

export function createPersonActs({ listOf, forget }: PersonActsDeps): PersonActs {
  async function look(manager: EntityManager, { personId, kind }: Person) {
    const acts = kind === "customer" ? await listOf(manager, personId) : [];
    const kept = await heldActs(manager, acts);
    return { free: acts.filter(({ id }) => !kept.has(id)), held: kept.size };
  }

  return {
    async count(manager, person) {
      const { free, held } = await look(manager, person);
      return { free: free.length, held };
    },
    async destroy(tx, person) {
      const { free, held } = await look(tx, person);
      await forget(tx, free);
      return { free: free.length, held };
    },
  };
}
