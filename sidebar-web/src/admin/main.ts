import { createPinia } from "pinia";
import { createApp } from "vue";
import "tdesign-vue-next/es/style/index.css";
import "../theme.css";
import "../marks.css";
import "./admin.css";
import { signedInPath } from "../step-up.ts";
import AdminApp from "./AdminApp.vue";
import SignedInPage from "./SignedInPage.vue";
import { createAdminRouter } from "./router.ts";

if (location.pathname === signedInPath) createApp(SignedInPage).mount("#app");
else createApp(AdminApp).use(createPinia()).use(createAdminRouter()).mount("#app");
