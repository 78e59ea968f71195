import { DefaultNamingStrategy } from "typeorm";

/** `sentAtMs` in code is `sent_at_ms` in the tables. */
export class SnakeCaseNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
