import { join } from 'node:path';
import { Hono } from 'hono';
import { documentationPolicy } from '../../http/http.csp';

/** The viewer's own files; it is served from here, so the page works without the internet. */
const viewerFiles: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Songreel API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/songreel.css" />
  </head>
  <body>
    <div id="viewer"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/songreel.js"></script>
  </body>
</html>
`;

const style = `
:root { color-scheme: light; }
body { margin: 0; background: #fbfaf8; }
.swagger-ui, .swagger-ui .info .title, .swagger-ui .opblock-tag, .swagger-ui table, .swagger-ui label,
.swagger-ui .opblock .opblock-summary-description { font-family: system-ui, sans-serif; }
.swagger-ui .wrapper { max-width: 1080px; padding: 0 clamp(12px, 3vw, 32px); box-sizing: border-box; }
.swagger-ui .info { margin: 40px 0 24px; }
.swagger-ui .scheme-container { display: none; }
@media (max-width: 600px) {
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; word-break: break-word; }
  .swagger-ui .opblock .opblock-summary-description { flex-basis: 100%; padding: 4px 10px; }
  .swagger-ui .info .title { font-size: 28px; }
}
`;

const script = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#viewer',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** The OpenAPI page at /docs. `viewerDirectory` holds swagger-ui's files. */
export const documentationRoutes = (viewerDirectory: string) => {
  const routes = new Hono()
    .get('/docs', (c) => c.html(page, 200, { 'Content-Security-Policy': documentationPolicy }))
    .get('/docs/songreel.css', (c) => c.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
    .get('/docs/songreel.js', (c) =>
      c.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
    );
  for (const [name, type] of Object.entries(viewerFiles)) {
    routes.get(
      `/docs/${name}`,
      () =>
        new Response(Bun.file(join(viewerDirectory, name)), {
          headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=86400' },
        }),
    );
  }
  return routes;
};
