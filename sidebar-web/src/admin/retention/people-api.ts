/** What the page 保存与销毁 asks of the server about single people. */
import type {
  PersonDestruction,
  PersonDestructionList,
  PersonPreview,
} from "#shared/contract/person-destruction";
import { api } from "../../page-api.ts";

const path = "/api/admin/retention/people";

export function listPeople(): Promise<PersonDestructionList> {
  return api.get(path);
}

/** 400 names the field that is wrong. */
export function previewPerson(personId: string): Promise<PersonPreview> {
  return api.post(`${path}/preview`, { personId });
}

/** 400 names the field that is wrong. */
export function requestDestruction(personId: string, reason: string): Promise<PersonDestruction> {
  return api.post(path, { personId, reason });
}

/** A page to print. */
export function certificateFile(id: string): string {
  return `${path}/${encodeURIComponent(id)}/certificate.html`;
}
