import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../database/columns.ts";

/** `dead` has failed too often and waits for a person; the other words say what they mean. */
export type JobState = "ready" | "running" | "done" | "dead";

@Entity("job")
export class Job {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: string;

  /** Two jobs with the same key are one job. */
  @Column({ type: "varchar" })
  dedupe!: string;

  /** JSON of ids only: this table is not sealed. */
  @Column({ type: "text" })
  payload!: string;

  @Column({ type: "varchar" })
  state!: JobState;

  @Column(bigintColumn())
  runAtMs!: number;

  @Column(bigintColumn())
  leaseUntilMs!: number;

  @Column({ type: "varchar", nullable: true })
  owner!: string | null;

  /** Grows with each claim; who comes back with an old one has lost the job. */
  @Column(bigintColumn())
  fence!: number;

  @Column({ type: "int" })
  attempts!: number;

  @Column({ type: "varchar", nullable: true })
  lastError!: string | null;

  @Column(bigintColumn())
  createdAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  finishedAtMs!: number | null;
}
