import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

@Entity("session")
export class SessionRow {
  /** Hash of the token in the cookie. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  memberId!: string;

  @Column(bigintColumn())
  createdAtMs!: number;

  /** Exact to the minute. */
  @Column(bigintColumn())
  lastSeenAtMs!: number;

  /** The absolute end, however busy the session is. */
  @Column(bigintColumn())
  expiresAtMs!: number;
}

/** A sign-in that has been sent to WeCom and has not come back. */
@Entity("sign_in_attempt")
export class SignInAttemptRow {
  /** Hash of OAuth's `state`. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** Hash of the cookie of the browser that began it. */
  @Column({ type: "varchar" })
  browserHash!: string;

  /** An address of ours, checked before it was stored. */
  @Column({ type: "varchar" })
  returnTo!: string;

  @Column(bigintColumn())
  expiresAtMs!: number;
}
