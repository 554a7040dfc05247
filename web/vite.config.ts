import { defineConfig } from 'vite';

// No plugin: JSX is compiled by what Vite brings. Nothing is inlined, as the pages' policy allows no inline script or style.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, modulePreload: { polyfill: false }, manifest: true,
  },
  server: { proxy: { '^/(v1|generate|generations|edit|variation|usage|models|budgets|store|docs|openapi.json)': 'http://127.0.0.1:8080' } },
});
