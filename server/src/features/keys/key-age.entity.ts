import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** Since when a key or secret of the settings has been in use; it has no date of its own. */
@Entity("key_age")
export class KeyAge {
  /** As in `KeyView`. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** Of the key itself, sealed: tells whether it is still the same one. */
  @Column({ type: "blob" })
  fingerprint!: Buffer;

  @Column(bigintColumn())
  sinceMs!: number;
}
