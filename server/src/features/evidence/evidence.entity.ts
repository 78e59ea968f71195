import { Column, Entity, PrimaryColumn } from "typeorm";
import type { EvidenceProblem, EvidenceState, LegalBasis } from "#shared/contract/evidence";
import { bigintColumn } from "../../platform/database/columns.ts";

/** A package that somebody asked for, and what became of it. */
@Entity("evidence_package")
export class EvidencePackage {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  state!: EvidenceState;

  @Column({ type: "varchar" })
  conversationId!: string;

  @Column({ type: "varchar", nullable: true })
  caseId!: string | null;

  @Column(bigintColumn())
  fromMs!: number;

  /** Not included. */
  @Column(bigintColumn())
  toMs!: number;

  /** Sealed. */
  @Column({ type: "blob" })
  purpose!: Buffer;

  @Column({ type: "varchar" })
  legalBasis!: LegalBasis;

  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column({ type: "varchar", nullable: true })
  approvedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  approvedAtMs!: number | null;

  /** Percent. */
  @Column({ type: "int" })
  progress!: number;

  /** Tries to build it. */
  @Column({ type: "int" })
  attempts!: number;

  @Column({ type: "varchar", nullable: true })
  problem!: EvidenceProblem | null;

  @Column(bigintColumn({ nullable: true }))
  messageCount!: number | null;

  @Column(bigintColumn({ nullable: true }))
  sizeBytes!: number | null;

  @Column({ type: "varchar", nullable: true })
  sha256!: string | null;

  /** Of the stored zip; sealed. Null before it is there, and after it is gone. */
  @Column({ type: "blob", nullable: true })
  fileKey!: Buffer | null;

  @Column(bigintColumn({ nullable: true }))
  expiresAtMs!: number | null;
}
