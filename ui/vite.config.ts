import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { readProcessConfig } from '../api/config';

/** Where `vite dev` finds the API: `bun run dev` starts both halves. */
const { HOST, PORT } = readProcessConfig();
const api = `http://${HOST}:${PORT}`;

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      // The page is one program for the browser: the API serves the files and 200.html for every route.
      adapter: adapter({ pages: 'build', assets: 'build', fallback: '200.html', precompress: true }),
      // The studio's own server compresses as it serves; nothing is inlined that could be cached.
      inlineStyleThreshold: 0,
    }),
  ],
  server: {
    proxy: Object.fromEntries(
      ['/api', '/media', '/docs', '/openapi.json', '/healthz', '/readyz', '/metrics'].map((path) => [
        path,
        // The API refuses pages of other origins; the proxy asks in the API's own name.
        { target: api, changeOrigin: true, headers: { origin: api } },
      ]),
    ),
    fs: { allow: ['..'] },
  },
});
