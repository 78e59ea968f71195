import { createPinia } from "pinia";
import { createApp } from "vue";
import "tdesign-mobile-vue/es/style/index.css";
import "../theme.css";
import "../marks.css";
import "./manager.css";
import ManagerApp from "./ManagerApp.vue";
import { createManagerRouter } from "./router.ts";

createApp(ManagerApp).use(createPinia()).use(createManagerRouter()).mount("#app");
