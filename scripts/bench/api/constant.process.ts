import { Hono } from 'hono';
import { readProcessConfig } from '../../../api/config';

/** Answers every request with the JSON of a file: what Hono on Bun can do at best. */
const json = await Bun.file(`${readProcessConfig().dataDirectory}/constant.json`).text();
const app = new Hono().get('/', (c) => c.body(json, 200, { 'Content-Type': 'application/json' }));
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => app.fetch(request) });
console.log(`Constant answers are ready: ${server.url.href}`);
