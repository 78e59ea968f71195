import { DataSource } from "typeorm";
import { migrations } from "../../../migrations/list.ts";
import { entities } from "../../../server/src/entities.ts";
import { SnakeCaseNaming } from "../../../server/src/platform/database/snake-case-naming.ts";
import { forEachDatabase } from "../../support/test-database.ts";

forEachDatabase("migrations", (open) => {
  let source: DataSource;
  beforeAll(async () => {
    const { dialect } = await open(entities);
    const common = { entities, migrations, namingStrategy: new SnakeCaseNaming() };
    source = new DataSource(
      dialect === "sqlite"
        ? { ...common, type: "better-sqlite3", database: open.url().slice("sqlite:".length) }
        : { ...common, type: "mysql", url: open.url() },
    );
    await source.initialize();
  });
  afterAll(() => source.destroy());

  it("go on where they were interrupted, and bear two starts at once", async () => {
    for (let left = migrations.length; left > 0; left -= 1) {
      await source.undoLastMigration({ transaction: "none" });
    }
    // SQLite serves one process and undoes a migration as a whole.
    const starts = source.options.type === "mysql" ? 3 : 1;
    const opened = await Promise.all(Array.from({ length: starts }, () => open(entities)));
    for (const database of opened)
      expect(await database.read.query("SELECT * FROM job")).toEqual([]);
  });

  it("go down to nothing and up again", async () => {
    for (let left = migrations.length; left > 0; left -= 1) {
      await source.undoLastMigration({ transaction: "none" });
    }
    const left = await tableNames(source);
    expect(
      left.filter((name) => !["migrations", "typeorm_metadata", "sqlite_sequence"].includes(name)),
    ).toEqual([]);
    await source.runMigrations({ transaction: "none" });
    expect(await tableNames(source)).toContain("message");
  });

  it("give every entity its columns, no more and no fewer, with the same nullability", async () => {
    const runner = source.createQueryRunner();
    for (const { tableName, columns } of source.entityMetadatas) {
      const table = await runner.getTable(tableName);
      const describe = (list: { name: string; isNullable: boolean }[]) =>
        list.map(({ name, isNullable }) => `${name}${isNullable ? "?" : ""}`).sort();
      const expected = columns.map(({ databaseName, isNullable }) => ({
        name: databaseName,
        isNullable,
      }));
      expect({ tableName, columns: describe(table?.columns ?? []) }).toEqual({
        tableName,
        columns: describe(expected),
      });
    }
    await runner.release();
  });
});

async function tableNames(source: DataSource): Promise<string[]> {
  const sql =
    source.options.type === "mysql"
      ? "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
      : "SELECT name FROM sqlite_master WHERE type = 'table'";
  const rows = await source.query<{ name: string }[]>(sql);
  return rows.map(({ name }) => name);
}
