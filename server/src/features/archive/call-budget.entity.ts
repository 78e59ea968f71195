import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";

/** When the newest chunks of calls were taken, by all processes. */
@Entity("call_budget")
export class CallBudgetRow {
  @PrimaryColumn({ type: "varchar" })
  name!: string;

  /** Grows with each chunk: of two that take at once one tries again. */
  @Column(bigintColumn())
  version!: number;

  /** Database time, oldest first. */
  @Column(jsonColumn())
  starts!: number[];
}
