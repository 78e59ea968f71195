import { createRouter, createWebHistory, type Router } from "vue-router";
import CaseListPage from "./CaseListPage.vue";
import CasePage from "./CasePage.vue";
import ConversationListPage from "./ConversationListPage.vue";
import ConversationPage from "./ConversationPage.vue";
import SearchPage from "./SearchPage.vue";

export function createManagerRouter(): Router {
  return createRouter({
    history: createWebHistory("/manager/"),
    routes: [
      { path: "/", name: "cases", component: CaseListPage },
      { path: "/cases/:id", name: "case", component: CasePage, props: true },
      {
        path: "/cases/:id/context",
        name: "case-context",
        component: ConversationPage,
        props: ({ params }) => ({ caseId: params["id"] }),
      },
      { path: "/conversations", name: "conversations", component: ConversationListPage },
      { path: "/conversations/search", name: "search", component: SearchPage },
      {
        path: "/conversations/:id",
        name: "conversation",
        component: ConversationPage,
        props: ({ params, query }) => ({ id: params["id"], seq: seqOf(query["seq"]) }),
      },
      { path: "/:rest(.*)*", redirect: { name: "cases" } },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
}

/** A position in the archive as it stands in an address; undefined for anything else. */
function seqOf(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? value : undefined;
}
