import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";
import type { InterceptBody } from "../../wecom/intercept-rules.ts";

/** A rule that we made in WeCom, or are about to make. */
@Entity("native_rule")
export class NativeRuleRow {
  /** See `NativeRule.key`. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** Null until WeCom's answer to the creation is stored. */
  @Column({ type: "varchar", nullable: true })
  wecomRuleId!: string | null;

  /** What was sent last. */
  @Column(jsonColumn())
  told!: InterceptBody;

  /** What is being sent instead, until WeCom's answer is stored. */
  @Column({ type: "simple-json", nullable: true })
  telling!: InterceptBody | null;

  /**
   * `creating`: sent, perhaps without an answer. `changed` and `deleted`: somebody did so in WeCom's admin console; it
   * stays so until an administrator restores it. `refused`: WeCom did not take it.
   */
  @Column({ type: "varchar" })
  state!: "creating" | "in_place" | "changed" | "deleted" | "refused";

  @Column({ type: "int", nullable: true })
  errcode!: number | null;

  /** What the console made of it, when `changed`. */
  @Column({ type: "simple-json", nullable: true })
  found!: InterceptBody | null;

  /** An administrator wants ours back; done by the next sync. */
  @Column({ type: "boolean" })
  isRestoring!: boolean;

  @Column(bigintColumn())
  checkedAtMs!: number;
}

/** A rule that others made, in WeCom's admin console or with another app: read, never touched. */
@Entity("native_import")
export class NativeImportRow {
  @PrimaryColumn({ type: "varchar" })
  wecomRuleId!: string;

  @Column(jsonColumn())
  body!: InterceptBody;

  @Column(bigintColumn())
  createdAtMs!: number;
}

/** One row: how the last sync went, or how far this one is. */
@Entity("native_sync")
export class NativeSyncRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** After `startedAtMs`: another one was asked for. */
  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column(bigintColumn())
  startedAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  finishedAtMs!: number | null;

  /** Calls done and to be done, as far as known. */
  @Column({ type: "int" })
  done!: number;

  @Column({ type: "int" })
  total!: number;

  /** Why it stopped: WeCom's code, 0 for no answer; null when it did not. */
  @Column({ type: "int", nullable: true })
  errcode!: number | null;
}

export const SYNC_ROW = "sync";
