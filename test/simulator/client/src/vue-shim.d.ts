// Lets type-aware lint see `.vue` modules from `.ts` files; vue-tsc uses the components' real types.
declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent;
  export default component;
}
