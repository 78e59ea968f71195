import { createRouter, createWebHistory } from "vue-router";
import { messages } from "./messages.ts";
import StartPage from "./start/StartPage.vue";

/** The four pages of the twin; only the start page is in the first bundle. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: StartPage, meta: { title: messages.start.title } },
    {
      path: "/chat",
      component: () => import("./chat/ChatPage.vue"),
      meta: { title: messages.chat.pageTitle },
    },
    {
      path: "/phone",
      component: () => import("./phone/PhonePage.vue"),
      meta: { title: messages.phone.pageTitle },
    },
    {
      path: "/control",
      component: () => import("./control/ControlPage.vue"),
      meta: { title: messages.control.pageTitle },
    },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

router.afterEach((to) => {
  document.title = typeof to.meta["title"] === "string" ? to.meta["title"] : messages.start.title;
});
