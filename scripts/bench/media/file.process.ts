import { readProcessConfig } from '../../../api/config';

/** Serves one file, named by the first line of `file.path`, as Bun does it by itself: what there is to compare with. */
const path = (await Bun.file(`${readProcessConfig().dataDirectory}/file.path`).text()).trim();
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  routes: { '/file': new Response(Bun.file(path)) },
  fetch: () => new Response('Not found', { status: 404 }),
});
console.log(`The file is ready: ${new URL('/file', server.url).href}`);
