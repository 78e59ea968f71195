import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** A range of the archive that an administrator lets be pulled once more. */
@Entity("archive_repull")
export class RepullRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(bigintColumn())
  fromSeq!: number;

  @Column(bigintColumn())
  toSeq!: number;

  /** Everything up to here is through; a crash goes on from it. */
  @Column(bigintColumn())
  passedSeq!: number;

  @Column({ type: "varchar" })
  state!: "waiting" | "running" | "done";

  @Column(bigintColumn())
  pulled!: number;

  @Column(bigintColumn())
  stored!: number;

  @Column(bigintColumn())
  duplicated!: number;

  @Column(bigintColumn())
  undecodable!: number;

  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  finishedAtMs!: number | null;

  /** See `pull-failure.ts`; null since the last page that went well. */
  @Column({ type: "varchar", nullable: true })
  lastError!: string | null;
}
