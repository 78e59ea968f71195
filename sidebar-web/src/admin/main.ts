import { createPinia } from "pinia";
import { createApp } from "vue";
import "tdesign-vue-next/es/style/index.css";
import "../theme.css";
import "../marks.css";
import "./admin.css";
import AdminApp from "./AdminApp.vue";
import { createAdminRouter } from "./router.ts";

createApp(AdminApp).use(createPinia()).use(createAdminRouter()).mount("#app");
