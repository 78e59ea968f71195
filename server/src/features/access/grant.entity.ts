import { Column, Entity, PrimaryColumn } from "typeorm";
import type { GrantableRole } from "#shared/contract/access";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";

/** A role that somebody was given. What has ended stays, so that it can be said later who could do what. */
@Entity("access_grant")
export class AccessGrant {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  memberId!: string;

  @Column({ type: "varchar" })
  role!: GrantableRole;

  /** Null: the whole company. */
  @Column({ ...jsonColumn(), nullable: true })
  departmentIds!: number[] | null;

  @Column({ type: "varchar" })
  state!: "active" | "suspended" | "revoked";

  /** Who approved it. */
  @Column({ type: "varchar" })
  grantedBy!: string;

  @Column(bigintColumn())
  grantedAtMs!: number;

  /** When it was suspended or revoked. */
  @Column(bigintColumn({ nullable: true }))
  endedAtMs!: number | null;

  /** Roles that are better kept apart, accepted in a small company. */
  @Column({ type: "boolean" })
  acceptedRisk!: boolean;

  /** Since when it waits to be looked at: the holder has moved. */
  @Column(bigintColumn({ nullable: true }))
  flaggedAtMs!: number | null;
}
