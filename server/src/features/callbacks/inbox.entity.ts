import { Column, Entity, PrimaryColumn } from "typeorm";
import type { CallbackReceiver } from "../../config.ts";
import { bigintColumn } from "../../platform/database/columns.ts";

/** A callback that has been acknowledged. Its order of ids is about the order of arrival. */
@Entity("inbox")
export class InboxRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  receiver!: CallbackReceiver;

  /** Names the event itself, whatever envelope it came in. */
  @Column({ type: "varchar" })
  dedupe!: string;

  /** The decrypted XML, sealed again with our own key. */
  @Column({ type: "blob" })
  payload!: Buffer;

  @Column(bigintColumn())
  receivedAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  processedAtMs!: number | null;
}
