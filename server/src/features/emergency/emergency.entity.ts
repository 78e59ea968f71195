import { Column, Entity, PrimaryColumn } from "typeorm";
import type { EmergencyCause, EmergencyState, EmergencyVerdict } from "#shared/contract/emergency";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";
import type { Place } from "../../platform/vault/vault.ts";

/** That somebody reads beyond their reach for some hours, and what another person thought of it. Kept as readings are. */
@Entity("emergency")
export class Emergency {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** `open` also when it has run out and the clock has not passed by yet. */
  @Column({ type: "varchar" })
  state!: EmergencyState;

  @Column({ type: "varchar" })
  cause!: EmergencyCause;

  /** Sealed. */
  @Column({ type: "blob" })
  reason!: Buffer;

  /** Whose chats. */
  @Column(jsonColumn())
  memberIds!: string[];

  @Column({ type: "int" })
  hours!: number;

  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column({ type: "varchar", nullable: true })
  approvedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  openedAtMs!: number | null;

  @Column(bigintColumn({ nullable: true }))
  endsAtMs!: number | null;

  @Column(bigintColumn({ nullable: true }))
  endedAtMs!: number | null;

  @Column(bigintColumn({ nullable: true }))
  reviewDueAtMs!: number | null;

  @Column({ type: "varchar", nullable: true })
  verdict!: EmergencyVerdict | null;

  @Column({ type: "varchar", nullable: true })
  reviewedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  reviewedAtMs!: number | null;

  /** Sealed: what the reviewer wrote. */
  @Column({ type: "blob", nullable: true })
  note!: Buffer | null;
}

/** Why somebody read must outlive the deletion of any one person. */
export const EMERGENCY_SUBJECT = "corp";

export function emergencyPlace(id: string, column: "reason" | "note"): Place {
  return { table: "emergency", column, rowId: id };
}
