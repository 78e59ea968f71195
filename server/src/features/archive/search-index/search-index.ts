/** What the index holds of one message: that it is there, in its month, under these tokens. */
export interface IndexEntry {
  seq: number;
  /** `yyyymm` of its sending, Asia/Shanghai. */
  month: number;
  tokens: Uint32Array;
}

export interface IndexQuery {
  month: number;
  /** All of them must be there, … */
  tokens: readonly number[];
  /** … and one of these, unless there are none. */
  anyOf: readonly number[];
  /** Only messages before this seq. */
  before: number;
  limit: number;
}

/**
 * Where keyed tokens lie. Three back ends: files beside SQLite, a table of the database, OpenSearch. All data is
 * derived: what an index of another generation holds is as good as lost. Every call bears repetition.
 */
export interface SearchIndex {
  readonly backend: "files" | "table" | "opensearch";
  /**
   * Durable and visible to queries when it returns. Of `months` there are entries already: throws `LostIndexError` when
   * there are not, for then others are missing, too.
   */
  index(
    generation: string,
    entries: readonly IndexEntry[],
    months: readonly number[],
  ): Promise<void>;
  /** Newest first. May give what is not wanted (tokens are short), never leaves out what is. Throws `LostIndexError`. */
  query(generation: string, query: IndexQuery): Promise<number[]>;
  /** Returns the months of `months` in which nothing is left. Throws `LostIndexError`. */
  forget(generation: string, seqs: readonly number[], months: readonly number[]): Promise<number[]>;
  drop(generation: string, month: number): Promise<void>;
  /** Everything of every generation. */
  clear(): Promise<void>;
}

/** The index, or a part of it, is not there any more: it has to be built anew. */
export class LostIndexError extends Error {
  override name = "LostIndexError";
}
