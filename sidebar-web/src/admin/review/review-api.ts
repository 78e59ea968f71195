/** What the page 权限复核 asks of the server. */
import type {
  MyReview,
  ReviewDecision,
  ReviewList,
  ReviewSummary,
  ReviewView,
} from "#shared/contract/access-review";
import { api } from "../../page-api.ts";

const mine = "/api/access-review";
const all = "/api/admin/access-reviews";

export function getMyReview(): Promise<MyReview> {
  return api.get(mine);
}

/** 409 when somebody else was faster. */
export function decideItem(id: string, decision: ReviewDecision): Promise<MyReview> {
  return api.post(`${mine}/items/${encodeURIComponent(id)}/decision`, decision);
}

export function listReviews(): Promise<ReviewList> {
  return api.get(all);
}

/** 409 while one is open. */
export function startReview(): Promise<ReviewSummary> {
  return api.post(all);
}

export function getReview(id: string): Promise<ReviewView> {
  return api.get(`${all}/${encodeURIComponent(id)}`);
}

/** The browser saves it. */
export function reportFile(id: string): string {
  return `${all}/${encodeURIComponent(id)}/report.csv`;
}
