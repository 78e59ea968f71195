import type { ColumnOptions, ValueTransformer } from "typeorm";

/** MySQL's driver hands BIGINT over as text; our values (epoch ms, seq) stay below 2^53. */
const safeInteger: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

/** A 64-bit integer that is a number in code: epoch milliseconds, `seq`, counters. */
export function bigintColumn(options: { nullable?: boolean } = {}): ColumnOptions {
  return { type: "bigint", transformer: safeInteger, ...options };
}

/** A list or object of ids kept as JSON text; the same type on both databases. Never personal data. */
export function jsonColumn(): ColumnOptions {
  return { type: "simple-json" };
}
