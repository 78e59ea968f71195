import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../platform/database/columns.ts";

/** An access token or a JS-SDK ticket, shared by all processes. */
@Entity("wecom_token")
export class WecomToken {
  @PrimaryColumn({ type: "varchar" })
  name!: string;

  /** Sealed; null until the first one has been fetched. */
  @Column({ type: "blob", nullable: true })
  token!: Buffer | null;

  /** When WeCom stops to accept it. */
  @Column(bigintColumn())
  expiresAtMs!: number;

  /** Until then (database clock) the refresher alone may fetch a new one. */
  @Column(bigintColumn())
  refreshingUntilMs!: number;

  /** Names one attempt to refresh and stays afterwards, so it is also the version of the row. */
  @Column({ type: "varchar", nullable: true })
  refresher!: string | null;
}
