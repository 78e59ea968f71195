/**
 * Where archived messages come from. Two steps are the source's own and may happen outside of Node: pulling, and
 * opening a message with its random key. The step between, RSA with the corp's private key, is not: it stays in
 * our worker threads (`archive-envelope.ts`), so no source ever holds a private key.
 */
export interface ArchiveSource {
  /**
   * The items after `afterSeq` in the order of their seq, at most `limit` (1 to 1000); none when there is nothing
   * new. Pulling again from the same seq gives the same items. Throws `WecomError`, `WecomUnreachableError`, and
   * where WeCom's library stands behind it, `SdkError` or `SdkHostError`.
   */
  pull(afterSeq: number, limit: number): Promise<ArchiveItem[]>;
  /**
   * Opens messages whose random keys have been unwrapped; one outcome each, in the same order. Null when the
   * source leaves that to us: `openItem` then does both steps in the worker thread.
   */
  readonly openSealed: ((sealed: readonly SealedText[]) => Promise<TextOutcome[]>) | null;
  /**
   * One chunk of a message's file: the first with the index "", each further one with what its predecessor named.
   * Asking again gives the same chunk. What an error means for the file is told by `media-failure.ts`.
   */
  fetchMedia(fileId: string, index: string): Promise<MediaChunk>;
}

export interface MediaChunk {
  /** Of the file as it was sent; may be empty when it is the last. */
  data: Buffer;
  /** What the next call passes; "" after the last chunk. */
  nextIndex: string;
  isLast: boolean;
}

/** One item as WeCom delivers it. An odd one has empty or zero fields and fails when it is opened. */
export interface ArchiveItem {
  /** Position in the corp's archive; has gaps. */
  seq: number;
  /** `seq-<seq>` when WeCom gave none. */
  msgId: string;
  /** Which public key it was encrypted with, from 1 on. */
  keyVersion: number;
  /** Base64 of RSA bytes. */
  encryptedRandomKey: string;
  encryptedMessage: string;
}

/** What a source gets to open a message. */
export interface SealedText {
  /** Base64 text, as unwrapped. */
  randomKey: string;
  encryptedMessage: string;
}

export type OpenFailure =
  | "unknown_key_version"
  | "bad_random_key"
  | "bad_ciphertext"
  | "invalid_json"
  /** The process of the archive library died of it. */
  | "host_crashed";

/** `text`: the message's JSON. */
export type TextOutcome = { isOpen: true; text: string } | { isOpen: false; reason: OpenFailure };
