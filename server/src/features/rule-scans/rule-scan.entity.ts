import { Column, Entity, PrimaryColumn } from "typeorm";
import type {
  RuleScanKind,
  RuleScanProblem,
  RuleScanState,
  SampleLabel,
} from "#shared/contract/rule-scan";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";
import type { HistoryPlace } from "../archive/history-scan.ts";
import type { Tally } from "./tally.ts";

/** History gone through with rules, once: how far it is and what it has counted so far. */
@Entity("rule_scan")
export class RuleScanRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: RuleScanKind;

  /** Taken while it runs, so that there is no second one. */
  @Column({ type: "varchar", nullable: true })
  slot!: string | null;

  @Column({ type: "varchar" })
  state!: RuleScanState;

  @Column({ type: "varchar", nullable: true })
  problem!: RuleScanProblem | null;

  /** Of the draft that is tried, or of the version that is looked back with. */
  @Column({ type: "varchar" })
  hash!: string;

  /** The version in force when it began. */
  @Column({ type: "int" })
  base!: number;

  @Column(bigintColumn())
  fromMs!: number;

  /** Sent before. */
  @Column(bigintColumn())
  toMs!: number;

  /** The newest message when it began; later ones are not its matter. */
  @Column(bigintColumn())
  lastSeq!: number;

  @Column(bigintColumn())
  total!: number;

  @Column(bigintColumn())
  seen!: number;

  @Column({ type: "int" })
  step!: number;

  /** Of the present step. */
  @Column({ type: "int" })
  attempts!: number;

  @Column({ ...jsonColumn(), nullable: true })
  place!: HistoryPlace | null;

  /** Ids and counts. */
  @Column(jsonColumn())
  tally!: Tally;

  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column(bigintColumn())
  startedAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  endedAtMs!: number | null;
}

/** A hit of a trial that somebody is to judge; the message is opened when it is read. */
@Entity("rule_scan_sample")
export class RuleScanSample {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  scanId!: string;

  @Column({ type: "int" })
  position!: number;

  @Column(bigintColumn())
  messageSeq!: number;

  @Column({ type: "varchar" })
  ruleId!: string;

  @Column({ type: "varchar", nullable: true })
  label!: SampleLabel | null;

  @Column({ type: "varchar", nullable: true })
  labelledBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  labelledAtMs!: number | null;
}
