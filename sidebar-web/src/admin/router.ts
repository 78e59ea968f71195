import { createRouter, createWebHistory, type Router } from "vue-router";
import HealthPage from "./health/HealthPage.vue";
import ReconciliationPage from "./reconciliation/ReconciliationPage.vue";
import RetentionPage from "./retention/RetentionPage.vue";
import RulesPage from "./rules/RulesPage.vue";

export function createAdminRouter(): Router {
  return createRouter({
    history: createWebHistory("/admin/"),
    routes: [
      { path: "/rules/:id?", name: "rules", component: RulesPage, props: true },
      { path: "/health", name: "health", component: HealthPage },
      { path: "/reconciliation", name: "reconciliation", component: ReconciliationPage },
      { path: "/retention", name: "retention", component: RetentionPage },
      { path: "/:rest(.*)*", redirect: { name: "rules" } },
    ],
  });
}
