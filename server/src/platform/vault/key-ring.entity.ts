import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../database/columns.ts";

/** Which key encryption keys there are and were. The keys themselves are never in the database. */
@Entity("key_ring")
export class RingKey {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** New data keys are wrapped by the current one; a retiring one still opens what it wrapped. */
  @Column({ type: "varchar" })
  state!: "current" | "retiring" | "destroyed";

  @Column(bigintColumn())
  createdAtMs!: number;

  @Column(bigintColumn())
  changedAtMs!: number;
}
