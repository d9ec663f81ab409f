// Bundles the page into dist/, which the Go program embeds. The same sources give the same bytes.
import * as esbuild from "esbuild";
import { rm, mkdir, copyFile, readFile } from "node:fs/promises";

// Grafana's packages are .mjs files, from which a default import of a CommonJS module is all of its exports, as in Node. Their
// authors bundle them with a tool that takes the export called default, where there is one; so does this.
const defaults = {
  name: "defaults",
  setup(build) {
    const names = /^(react-custom-scrollbars-2|react-calendar|react-loading-skeleton|react-select|react-select\/creatable|react-select\/async|react-select\/async-creatable|calculate-size|react-inlinesvg)$/;
    build.onResolve({ filter: names }, async (args) => {
      if (args.pluginData?.real || !args.importer.endsWith(".mjs")) return undefined;
      const real = await build.resolve(args.path, { kind: args.kind, importer: args.importer, resolveDir: args.resolveDir, pluginData: { real: true } });
      return { path: real.path, namespace: "defaults", pluginData: { resolveDir: args.resolveDir } };
    });
    build.onLoad({ filter: /.*/, namespace: "defaults" }, (args) => ({
      contents: `import * as all from ${JSON.stringify(args.path)};\nexport * from ${JSON.stringify(args.path)};\nconst d = all.default;\nexport default d && d.__esModule && d.default ? d.default : d;`,
      resolveDir: args.pluginData.resolveDir,
      loader: "js",
    }));
  },
};

// What no panel uses and a component that is never shown would bring: an editor of code.
const without = {
  name: "without",
  setup(build) {
    build.onResolve({ filter: /^(monaco-editor|@monaco-editor\/.*)$/ }, (args) => ({ path: args.path, namespace: "without" }));
    build.onLoad({ filter: /.*/, namespace: "without" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

// Cells with a colour have a white text on all but the lightest: on Grafana's green that has a contrast of 2.1, where WCAG AA wants 4.5.
const contrast = {
  name: "contrast",
  setup(build) {
    build.onLoad({ filter: /@grafana\/ui\/dist\/esm\/utils\/colors\.mjs$/ }, async (args) => {
      const text = await readFile(args.path, "utf8");
      const [before, after] = text.split("function getTextColorForAlphaBackground");
      const mended = after?.replace("b > 180", 'tinycolor.readability(color, "#202226") > tinycolor.readability(color, "#f7f8fa")');
      if (!mended || mended === after) throw new Error("Grafana's colours of texts have changed: see whether this is still needed");
      return { contents: before + "function getTextColorForAlphaBackground" + mended, loader: "js" };
    });
  },
};

await rm("dist", { recursive: true, force: true });
await mkdir("dist");
await esbuild.build({
  entryPoints: { app: "src/main.tsx" },
  outdir: "dist",
  assetNames: "[name]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  charset: "utf8",
  alias: { "moment-timezone": "moment-timezone/builds/moment-timezone-with-data-10-year-range.js" }, // all zones, without their history
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  loader: { ".svg": "dataurl", ".ttf": "empty", ".woff": "empty", ".woff2": "file", ".png": "dataurl" },
  logLevel: "warning",
  plugins: [without, defaults, contrast],
});
await copyFile("src/index.html", "dist/index.html");
// The icons that tables, legends and stats ask for.
const icons = "img/icons/unicons/";
await mkdir("dist/build/" + icons, { recursive: true });
for (const name of ["angle-down", "angle-right", "angle-up", "arrow-down", "arrow-up", "filter"]) await copyFile(`node_modules/@grafana/ui/dist/public/${icons}${name}.svg`, `dist/build/${icons}${name}.svg`);
