import js from "@eslint/js";
import tseslint from "typescript-eslint";
import vue from "eslint-plugin-vue";
import vueParser from "vue-eslint-parser";

const typed = {
  parserOptions: {
    projectService: true,
    tsconfigRootDir: import.meta.dirname,
    extraFileExtensions: [".vue"],
  },
};

/** The environment is read in one place, so that every setting is validated and documented there. */
const processEnv = {
  object: "process",
  property: "env",
  message: "Only server/src/config.ts reads the environment.",
};

export default tseslint.config(
  { ignores: ["dist/", "data/", "coverage/", "node_modules/", ".cache/", "**/*.cjs"] },
  js.configs.recommended,
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        fetch: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        Buffer: "readonly",
        AbortSignal: "readonly",
        performance: "readonly",
      },
    },
  },
  {
    files: ["**/*.ts", "**/*.vue"],
    extends: [vue.configs["flat/essential"], tseslint.configs.strictTypeChecked],
    languageOptions: { ...typed, parser: tseslint.parser },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-properties": ["error", processEnv],
      "no-restricted-syntax": [
        "error",
        {
          selector: "MemberExpression[property.name='innerHTML']",
          message: "Text from people is bound as text (stored XSS).",
        },
      ],
      eqeqeq: "error",
      "no-console": "error",
      "no-undef": "off",
    },
  },
  {
    files: ["**/*.vue"],
    languageOptions: {
      parser: vueParser,
      parserOptions: { ...typed.parserOptions, parser: tseslint.parser },
    },
    rules: { "vue/no-v-html": "error", "vue/multi-word-component-names": "off" },
  },
  {
    files: ["server/src/config.ts", "test/**/*.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Jest's matchers and fixtures are loosely typed; the product's code is not.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
);
