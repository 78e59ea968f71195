/** A place for finished files under names; what is in it has been sealed before. */
export interface ObjectStore {
  /** Takes the file over, whole or not at all; it may be gone afterwards. A name that exists is replaced. */
  put(name: string, file: string): Promise<void>;
  /** The bytes from `start` to `end`, the latter not included. Throws `MissingObjectError`. */
  read(name: string, start: number, end: number): Promise<Buffer>;
  /** No matter whether it is there. */
  delete(name: string): Promise<void>;
  /** Throws when it cannot be reached or written to. */
  check(): Promise<void>;
  close(): void;
}

export class MissingObjectError extends Error {
  override name = "MissingObjectError";
}
