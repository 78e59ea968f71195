import { Column, Entity, PrimaryColumn } from "typeorm";
import type { PersonDestruction } from "#shared/contract/person-destruction";
import { bigintColumn } from "../../platform/database/columns.ts";

/** The destruction of all that is kept of one person. */
@Entity("person_destruction")
export class PersonDestructionRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  personId!: string;

  @Column({ type: "varchar" })
  kind!: PersonDestruction["kind"];

  @Column({ type: "varchar" })
  state!: PersonDestruction["state"];

  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column({ type: "varchar", nullable: true })
  approvedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  approvedAtMs!: number | null;

  @Column(bigintColumn({ nullable: true }))
  finishedAtMs!: number | null;

  /** Counted in the transactions that destroy them. */
  @Column(bigintColumn())
  messages!: number;

  @Column(bigintColumn())
  cases!: number;

  @Column(bigintColumn())
  dataKeys!: number;

  @Column(bigintColumn())
  held!: number;

  /** For how long backups were kept when it was over. */
  @Column({ type: "int" })
  backupDays!: number;
}
