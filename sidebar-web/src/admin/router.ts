import { createRouter, createWebHistory, type Router } from "vue-router";
import AccessPage from "./access/AccessPage.vue";
import ApprovalsPage from "./approvals/ApprovalsPage.vue";
import AuditPage from "./audit/AuditPage.vue";
import CalendarPage from "./calendar/CalendarPage.vue";
import CasePage from "./cases/CasePage.vue";
import EffectsPage from "./effects/EffectsPage.vue";
import EvidencePage from "./evidence/EvidencePage.vue";
import HealthPage from "./health/HealthPage.vue";
import InterceptionPage from "./interception/InterceptionPage.vue";
import KeysPage from "./keys/KeysPage.vue";
import ReadingPage from "./reading/ReadingPage.vue";
import ReconciliationPage from "./reconciliation/ReconciliationPage.vue";
import RetentionPage from "./retention/RetentionPage.vue";
import ProposalPage from "./publishing/ProposalPage.vue";
import PublishingPage from "./publishing/PublishingPage.vue";
import ReviewPage from "./review/ReviewPage.vue";
import RulesPage from "./rules/RulesPage.vue";

export function createAdminRouter(): Router {
  return createRouter({
    history: createWebHistory("/admin/"),
    routes: [
      { path: "/rules/:id?", name: "rules", component: RulesPage, props: true },
      { path: "/interception", name: "interception", component: InterceptionPage },
      { path: "/publishing/:tab?", name: "publishing", component: PublishingPage, props: true },
      { path: "/effects", name: "effects", component: EffectsPage },
      { path: "/cases/:id", name: "case", component: CasePage, props: true },
      {
        path: "/proposals/:base/:hash",
        name: "proposal",
        component: ProposalPage,
        props: true,
      },
      { path: "/calendar", name: "calendar", component: CalendarPage },
      { path: "/health", name: "health", component: HealthPage },
      { path: "/reconciliation", name: "reconciliation", component: ReconciliationPage },
      { path: "/retention", name: "retention", component: RetentionPage },
      { path: "/keys", name: "keys", component: KeysPage },
      { path: "/access", name: "access", component: AccessPage },
      { path: "/review", name: "review", component: ReviewPage },
      { path: "/evidence", name: "evidence", component: EvidencePage },
      { path: "/reading", name: "reading", component: ReadingPage },
      { path: "/audit", name: "audit", component: AuditPage },
      { path: "/approvals", name: "approvals", component: ApprovalsPage },
      { path: "/:rest(.*)*", redirect: { name: "rules" } },
    ],
  });
}
