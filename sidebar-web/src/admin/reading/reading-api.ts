/** What the page 阅读授权 asks of the server. */
import type {
  EmergencyCandidates,
  EmergencyList,
  EmergencyRequest,
  EmergencyReview,
  EmergencyView,
} from "#shared/contract/emergency";
import type { ExtensionList, ExtensionView } from "#shared/contract/reading-extension";
import { api } from "../../page-api.ts";

const path = "/api/emergencies";
const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;

export const listEmergencies = (cursor?: string): Promise<EmergencyList> =>
  api.get(path, { cursor });
export const listCandidates = (): Promise<EmergencyCandidates> => api.get(`${path}/candidates`);
export const openEmergency = (request: EmergencyRequest): Promise<EmergencyView> =>
  api.post(path, request);
export const endEmergency = (id: string): Promise<EmergencyView> => api.post(`${of(id)}/end`);
export const reviewEmergency = (id: string, review: EmergencyReview): Promise<EmergencyView> =>
  api.post(`${of(id)}/review`, review);

export const listExtensions = (cursor?: string): Promise<ExtensionList> =>
  api.get("/api/extensions", { cursor });
export const endExtension = (id: string): Promise<ExtensionView> =>
  api.post(`/api/extensions/${encodeURIComponent(id)}/end`);
