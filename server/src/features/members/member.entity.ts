import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";

/** A member as of the last look at WeCom's directory. One who has left stays, inactive, for the names in old cases. */
@Entity("member")
export class MemberRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** Sealed JSON: name and position. */
  @Column({ type: "blob" })
  profile!: Buffer;

  @Column(jsonColumn())
  departmentIds!: number[];

  @Column(jsonColumn())
  directLeaderIds!: string[];

  @Column({ type: "boolean" })
  isActive!: boolean;

  @Column(bigintColumn())
  syncedAtMs!: number;
}

@Entity("department")
export class DepartmentRow {
  @PrimaryColumn({ type: "int" })
  id!: number;

  /** 0 above the root. */
  @Column({ type: "int" })
  parentId!: number;

  @Column({ type: "varchar" })
  name!: string;

  @Column(jsonColumn())
  leaderIds!: string[];

  @Column(bigintColumn())
  syncedAtMs!: number;
}
