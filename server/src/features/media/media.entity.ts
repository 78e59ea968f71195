import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";
import type { MessageKind } from "../../wecom/message-part.ts";

/**
 * `waiting` to be fetched, again and again while WeCom keeps it; `stored`; `expired` when WeCom has deleted it first;
 * `failed` when it cannot be had; `erasing` when its message is destroyed: its object goes first, then this row.
 */
export type MediaState = "waiting" | "stored" | "expired" | "failed" | "erasing";

/**
 * Why it is not there (yet), or what is odd about it. WeCom cannot be reached; it cannot give the file just now; our
 * own store cannot take it; what came is not what WeCom had announced; WeCom does not know the file's id; it could
 * not be had for as long as WeCom keeps it.
 */
export type MediaProblem =
  "unreachable" | "refused" | "not_storable" | "mismatch" | "bad_id" | "gave_up";

/** A file of an archived message. */
@Entity("media")
export class MediaRow {
  /** `<seq>-<position>` */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(bigintColumn())
  seq!: number;

  /** Among the files of its message. */
  @Column({ type: "int" })
  position!: number;

  @Column({ type: "varchar" })
  kind!: MessageKind;

  @Column({ type: "varchar" })
  state!: MediaState;

  @Column({ type: "varchar", nullable: true })
  problem!: MediaProblem | null;

  /** What WeCom said of it, with the id that fetches it; sealed. */
  @Column({ type: "blob" })
  reference!: Buffer;

  /** The key of the stored file; sealed. */
  @Column({ type: "blob" })
  fileKey!: Buffer;

  /** Of the file as it was sent; null until it is stored. */
  @Column(bigintColumn({ nullable: true }))
  sizeBytes!: number | null;

  /** How much of the sealed file lies safe on the way, and where WeCom goes on after it. */
  @Column(bigintColumn())
  sealedBytes!: number;

  @Column({ type: "varchar" })
  nextIndex!: string;

  /** Tries that failed; of these, how often something else came than announced. */
  @Column({ type: "int" })
  attempts!: number;

  @Column({ type: "int" })
  mismatches!: number;

  @Column(bigintColumn())
  nextTryAtMs!: number;

  @Column(bigintColumn())
  createdAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  storedAtMs!: number | null;
}
