import type { QueryRunner } from "typeorm";

/** The types of both databases under one name each, so that a table is written once. */
export interface ColumnTypes {
  /** Ids and short names of ours and of WeCom; compared byte by byte. */
  id: string;
  /** A SHA-256 in hex. */
  hash: string;
  /** Text of up to `length` characters. */
  text(length: number): string;
  /** Ids or counts as JSON. */
  json: string;
  /** Epoch milliseconds, seq, counters. */
  bigint: string;
  int: string;
  bool: string;
  /** Sealed bytes, up to 16 MiB. */
  blob: string;
  /** What stands after the closing bracket of CREATE TABLE. */
  tableOptions: string;
}

export function columnTypes(queryRunner: QueryRunner): ColumnTypes {
  return queryRunner.dataSource.options.type === "mysql"
    ? {
        id: "varchar(128)",
        hash: "char(64)",
        text: (length) => `varchar(${length})`,
        json: "mediumtext",
        bigint: "bigint",
        int: "int",
        bool: "tinyint(1)",
        blob: "mediumblob",
        // Binary collation: WeCom's external ids differ by case alone.
        tableOptions: "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
      }
    : {
        id: "varchar",
        hash: "varchar",
        text: () => "varchar",
        json: "text",
        bigint: "bigint",
        int: "integer",
        bool: "boolean",
        blob: "blob",
        tableOptions: "",
      };
}
