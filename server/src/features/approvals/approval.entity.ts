import { Column, Entity, PrimaryColumn } from "typeorm";
import type { ApprovalState } from "#shared/contract/approval";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";

/** Something that one person asked for and another has to say yes to. */
@Entity("approval")
export class Approval {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: string;

  /** What it is about, by its id. */
  @Column({ type: "varchar" })
  objectId!: string;

  /** What the feature needs to carry it out: ids and numbers, nothing personal. */
  @Column(jsonColumn())
  payload!: unknown;

  /** Sealed. */
  @Column({ type: "blob" })
  reason!: Buffer;

  /** `waiting` also when it has run out and the clock has not passed by yet. */
  @Column({ type: "varchar" })
  state!: ApprovalState;

  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column(bigintColumn())
  expiresAtMs!: number;

  @Column({ type: "varchar", nullable: true })
  decidedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  decidedAtMs!: number | null;

  /** Sealed. */
  @Column({ type: "blob", nullable: true })
  note!: Buffer | null;
}

/** Somebody who must not decide it, beside the one who asked. */
@Entity("approval_exclusion")
export class ApprovalExclusion {
  @PrimaryColumn({ type: "varchar" })
  approvalId!: string;

  @PrimaryColumn({ type: "varchar" })
  memberId!: string;
}
