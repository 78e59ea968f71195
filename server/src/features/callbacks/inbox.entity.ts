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

/** One that came while the vault was sealed. */
@Entity("held_callback")
export class HeldCallback {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  receiver!: CallbackReceiver;

  @Column({ type: "varchar" })
  dedupe!: string;

  /** Query and body as JSON, as WeCom encrypted it. */
  @Column({ type: "text" })
  delivery!: string;

  @Column(bigintColumn())
  receivedAtMs!: number;
}
