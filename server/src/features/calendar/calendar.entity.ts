import { Column, Entity, PrimaryColumn } from "typeorm";
import type { CalendarPlan } from "#shared/working-calendar";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";

/** One version of the working calendar. Never changed. */
@Entity("working_calendar")
export class CalendarRow {
  /** From 1 on; 0 is what the product comes with. */
  @PrimaryColumn({ type: "int" })
  version!: number;

  @Column(jsonColumn())
  plan!: CalendarPlan;

  @Column({ type: "varchar" })
  changedBy!: string;

  @Column(bigintColumn())
  changedAtMs!: number;
}
