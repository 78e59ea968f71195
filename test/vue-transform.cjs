// Compiles a `<script setup>` component for Jest; styles are ignored.
const { parse, compileScript } = require("@vue/compiler-sfc");
const { createTransformer } = require("@swc/jest");

const swc = createTransformer({
  jsc: { target: "es2022", parser: { syntax: "typescript" } },
  module: { type: "commonjs" },
  sourceMaps: "inline",
});

module.exports = {
  getCacheKey: (source, file, options) => swc.getCacheKey(source, `${file}.ts`, options),
  process(source, file, options) {
    const { descriptor, errors } = parse(source, { filename: file });
    if (errors.length) throw errors[0];
    const script = compileScript(descriptor, { id: "test", inlineTemplate: true });
    return swc.process(script.content, `${file}.ts`, options);
  },
};
