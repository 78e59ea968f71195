import { createPinia } from "pinia";
import { createApp } from "vue";
import "tdesign-mobile-vue/es/style/index.css";
import "../theme.css";
import "../marks.css";
import "./sidebar.css";
import SidebarApp from "./SidebarApp.vue";

createApp(SidebarApp).use(createPinia()).mount("#app");
